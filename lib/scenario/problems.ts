import { distance } from 'fastest-levenshtein';

/** One thing that is wrong with a scenario. */
export interface Problem {
  /** Where, with dots: `attack.z`; empty for the scenario as a whole. */
  readonly path: string;
  /** What was given, what is allowed, what to do. */
  readonly message: string;
}

/** A scenario that is refused. The message lists every problem, one a line. */
export class ScenarioError extends Error {
  override name = 'ScenarioError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('\n'));
    this.problems = problems;
  }
}

/** Throws a ScenarioError with one problem. */
export function refuse(path: string, message: string): never {
  throw new ScenarioError([{ path, message }]);
}

/** A value as a message shows it: compact JSON, cut at 80 characters. */
export function show(value: unknown): string {
  if (typeof value === 'number') return String(value);
  const text = value === undefined ? 'undefined' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** `a`, `a or b`, `a, b or c`. */
export function either(items: readonly string[]): string {
  const last = items.at(-1) ?? 'nothing';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} or ${last}`;
}

/** What is allowed in place of an unknown name, and which of it is nearest. */
export function allowedNames(given: string, known: readonly string[]): string {
  if (known.length === 0) return 'none is allowed here';
  return `allowed: ${known.join(', ')}; the nearest is ${show(nearest(given, known))}`;
}

/** The known name with the least edit distance to the given one, capitals aside; the first of several. */
function nearest(given: string, known: readonly string[]): string {
  // The distance takes time in the product of the lengths; a text this long resembles no name.
  const text = given.slice(0, 100).toLowerCase();
  let best = known[0] ?? '';
  let least = Infinity;
  for (const name of known) {
    const edits = distance(text, name.toLowerCase());
    if (edits < least) {
      least = edits;
      best = name;
    }
  }
  return best;
}
