/** An interruption by the user: the exit code is 130. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}

/** Errors that mean the input was refused; nothing had started. */
const REFUSALS: ReadonlySet<string> = new Set([
  'ScenarioError', 'OptionError', 'PreconditionError', 'ParameterError', 'KernelsError', 'ArenaLimitError', 'DataError', 'PartitionError', 'ModuleError', 'ReplayError',
]);

/** Errors whose message is meant for the user as it is. Any other is a fault of this program, and its stack is shown. */
const EXPECTED: ReadonlySet<string> = new Set([...REFUSALS, 'ThreadError', 'ScheduleError', 'RunFolderError', 'Interrupted']);

/** The exit code of what was refused. */
export const REFUSED = 2;

/** 1 the run failed, 2 the input was refused, 130 interrupted. */
export function exitCodeOf(error: unknown): number {
  const name = error instanceof Error ? error.name : '';
  if (name === 'Interrupted') return 130;
  return REFUSALS.has(name) ? REFUSED : 1;
}

/** Says what went wrong on stderr; with `json`, as one JSON object on stdout too. */
export function reportError(error: unknown, json: boolean): void {
  const message = error instanceof Error ? error.message : String(error);
  if (json) process.stdout.write(`${JSON.stringify({ error: message })}\n`);
  const expected = error instanceof Error && EXPECTED.has(error.name);
  process.stderr.write(`${expected ? message : `this is a fault in Byzantium: ${error instanceof Error ? (error.stack ?? message) : message}`}\n`);
}
