/** One thing that is wrong with what was given. */
export interface Problem {
  /** Where, with dots: `attack.z`; empty for all of it. */
  readonly path: string;
  /** What was given, what is allowed, what to do. */
  readonly message: string;
}

/** A name, preset, parameter or value that is not allowed. The message says what is. */
export class ParameterError extends TypeError {
  override name = 'ParameterError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(describeProblems(problems));
    this.problems = problems;
  }
}

/** Every problem, one a line. */
export function describeProblems(problems: readonly Problem[]): string {
  return problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('\n');
}

/** The path of a key inside what `path` names. */
export function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
