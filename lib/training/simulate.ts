import { inspect } from 'node:util';
import { manifestOf } from '../run/manifest.js';
import { RunFolder } from '../run/run-folder.js';
import type { Manifest, RoundRecord, RunResult } from '../run/records.js';
import type { ResolvedRun } from '../scenario/configuration.js';
import { expand } from '../scenario/expand.js';
import { dataFolders } from '../data/search-path.js';
import { planRuns } from './modes.js';
import type { OpenSession } from './planned-session.js';
import { OptionError, threadsFor, type SessionOptions } from './session.js';

export interface SimulateOptions {
  /** Threads of the pool, at most one a worker; by default the smaller of workers and available cores. */
  readonly threads?: number | undefined;
  /** Folder with data sets; before `BYZANTIUM_DATA` and `data/`. */
  readonly data?: string | undefined;
  /** A new or empty folder for the run's files. Without it nothing is written. */
  readonly out?: string | undefined;
  /** Ends the run after its current round; `result` rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Seconds without a sign of work after which a thread counts as stalled; 60 by default. */
  readonly stallTimeout?: number | undefined;
}

/** A run under way: its records as they come, from the first one, for any number of readers; and its result. */
export interface Simulation extends AsyncIterable<RoundRecord> {
  readonly result: Promise<RunResult>;
}

/**
 * Starts one run. Throws a ScenarioError at once when the scenario is not sound or stands for several runs (use `expand`), an
 * OptionError for an impossible option; `result` and every iteration reject with what ends the run early: a DataError, an
 * ArenaLimitError, a KernelsError, a ThreadError, a RunFolderError, or the signal's reason.
 */
export function simulate(scenario: unknown, options: SimulateOptions = {}): Simulation {
  const [run, ...others] = expand(scenario);
  if (run === undefined || others.length > 0) {
    throw new OptionError(`the scenario stands for ${others.length + 1} runs and simulate takes one; call it for each run of expand(scenario)`);
  }
  const sessionOptions = checkOptions(options, run);
  const log = new RecordLog();
  const result = simulateRun(run, options, sessionOptions, log);
  result.then(
    () => { log.end(); },
    (reason: unknown) => { log.end({ reason }); },
  );
  return { result, [Symbol.asyncIterator]: () => log.read() };
}

async function simulateRun(run: ResolvedRun, options: SimulateOptions, sessionOptions: SessionOptions, log: RecordLog): Promise<RunResult> {
  options.signal?.throwIfAborted();
  const plan = await planRuns([run.configuration], sessionOptions);
  const session = await plan.open(options.signal);
  try {
    return await record(session, 0, run.label, options.out, (round) => { log.add(round); }, options.signal).then(({ result }) => result);
  } finally {
    await session.close();
  }
}

/** Executes run `index` of a session and, when `out` is given, leaves its files there. */
export async function record(
  session: OpenSession,
  index: number,
  label: string,
  out: string | undefined,
  onRound: (record: RoundRecord) => void,
  signal: AbortSignal | undefined,
): Promise<{ result: RunResult; manifest: Manifest }> {
  const started = new Date().toISOString();
  const folder = out === undefined ? undefined : new RunFolder(out);
  try {
    const { result, parameters, facts } = await session.execute(
      index,
      (round) => {
        folder?.append(round);
        onRound(round);
      },
      signal,
    );
    const manifest = manifestOf(result, { label, started, ...facts });
    folder?.finish(manifest, parameters);
    return { result, manifest };
  } finally {
    folder?.close();
  }
}

function checkOptions(options: unknown, { configuration }: ResolvedRun): SessionOptions {
  if (typeof options !== 'object' || options === null) throw new OptionError(`the options of simulate are an object, and not ${String(options)}`);
  const unknown = Object.keys(options).find((key) => !(key in OPTIONS));
  if (unknown !== undefined) throw new OptionError(`simulate has no option "${unknown}"; it has ${Object.keys(OPTIONS).join(', ')}`);
  for (const [name, { is, what }] of Object.entries(OPTIONS)) {
    const value = (options as Readonly<Record<string, unknown>>)[name];
    if (value !== undefined && !is(value)) throw new OptionError(`the option ${name} of simulate has to be ${what}, and is ${inspect(value, { depth: 0 })}`);
  }
  const { threads, data, stallTimeout } = options as SimulateOptions;
  const sessionOptions: SessionOptions = { threads, dataFolders: dataFolders(data), stallTimeout };
  threadsFor(configuration, sessionOptions);
  return sessionOptions;
}

const OPTIONS: Readonly<Record<keyof SimulateOptions, { is: (value: unknown) => boolean; what: string }>> = {
  threads: { is: (value) => typeof value === 'number', what: 'a whole number' },
  data: { is: (value) => typeof value === 'string', what: 'the path of a folder' },
  out: { is: (value) => typeof value === 'string' && value !== '', what: 'the path of a folder' },
  signal: { is: (value) => value instanceof AbortSignal, what: 'an AbortSignal' },
  stallTimeout: { is: (value) => typeof value === 'number' && value > 0 && value < Infinity, what: 'a number of seconds above 0' },
};

/** Records for readers that come at any time. */
class RecordLog {
  readonly #records: RoundRecord[] = [];
  #ended = false;
  #failure: { readonly reason: unknown } | undefined;
  #wake: (() => void) | undefined;
  #changed = new Promise<void>((resolve) => (this.#wake = resolve));

  add(round: RoundRecord): void {
    this.#records.push(round);
    this.#signal();
  }

  end(failure?: { readonly reason: unknown }): void {
    this.#ended = true;
    this.#failure = failure;
    this.#signal();
  }

  async *read(): AsyncGenerator<RoundRecord, void> {
    for (let next = 0; ; next++) {
      while (next === this.#records.length && !this.#ended) await this.#changed;
      const round = this.#records[next];
      if (round !== undefined) yield round;
      // The signal's reason is the user's own and may be anything.
      else if (this.#failure !== undefined) throw this.#failure.reason;
      else return;
    }
  }

  #signal(): void {
    const wake = this.#wake;
    this.#changed = new Promise<void>((resolve) => (this.#wake = resolve));
    wake?.();
  }
}

