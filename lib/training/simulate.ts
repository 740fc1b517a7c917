import { manifestOf } from '../run/manifest.js';
import { RunFolder } from '../run/run-folder.js';
import type { Manifest, RoundRecord, RunResult } from '../run/records.js';
import { checkRun } from '../scenario/check.js';
import type { ResolvedRun } from '../scenario/configuration.js';
import { expand } from '../scenario/expand.js';
import { dataFolders } from '../data/search-path.js';
import { execute } from './execute.js';
import { OptionError, planSession, Session, threadsFor, type PlannedRun, type SessionOptions } from './session.js';

export interface SimulateOptions {
  /** Threads of the pool, at most one a worker; by default the smaller of workers and available cores. */
  readonly threads?: number;
  /** Folder with data sets; before `BYZANTIUM_DATA` and `data/`. */
  readonly data?: string;
  /** A new or empty folder for the run's files. Without it nothing is written. */
  readonly out?: string;
  /** Ends the run after its current round; `result` rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Seconds without a sign of work after which a thread counts as stalled; 60 by default. */
  readonly stallTimeout?: number;
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
    (error: unknown) => { log.end(error); },
  );
  return { result, [Symbol.asyncIterator]: () => log.read() };
}

async function simulateRun(run: ResolvedRun, options: SimulateOptions, sessionOptions: SessionOptions, log: RecordLog): Promise<RunResult> {
  const plan = await planSession([run.configuration], sessionOptions);
  const session = await Session.open(plan, sessionOptions);
  try {
    return await record(session, plan.runs[0] as PlannedRun, run.label, options.out, (round) => { log.add(round); }, options.signal).then(({ result }) => result);
  } finally {
    await session.close();
  }
}

/** Executes a run and, when `out` is given, leaves its files there. */
export async function record(
  session: Session,
  planned: PlannedRun,
  label: string,
  out: string | undefined,
  onRound: (record: RoundRecord) => void,
  signal: AbortSignal | undefined,
): Promise<{ result: RunResult; manifest: Manifest }> {
  const started = new Date().toISOString();
  const folder = out === undefined ? undefined : new RunFolder(out);
  try {
    const { result, parameters, labelHistogram } = await execute(
      session,
      planned,
      (round) => {
        folder?.append(round);
        onRound(round);
      },
      signal,
    );
    const { craft, pipeline, d } = planned.layout;
    const manifest = manifestOf(result, {
      label,
      arenaBytes: planned.bytes,
      started,
      resolved: { aggregator: pipeline.resolved(), attack: { ...craft.attack.resolve(craft.given(craft.start), craft.shape) } },
      byzantineWorkers: craft.byzantine,
      warnings: warningsOf(planned, d),
      labelHistogram,
    });
    folder?.finish(manifest, parameters);
    return { result, manifest };
  } finally {
    folder?.close();
  }
}

/** Preconditions that `allowUnsafe` overrode, what attacks warn of, and more threads than cores. */
function warningsOf({ configuration }: PlannedRun, d: number): string[] {
  const { broken, warnings } = checkRun(configuration, d);
  return [...broken.map(({ path, message }) => `${path}: ${message}`), ...warnings];
}

function checkOptions(options: SimulateOptions, { configuration }: ResolvedRun): SessionOptions {
  const known = ['threads', 'data', 'out', 'signal', 'stallTimeout'];
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new OptionError(`simulate has no option "${unknown}"; it has ${known.join(', ')}`);
  const { stallTimeout } = options;
  if (stallTimeout !== undefined && !(stallTimeout > 0)) {
    throw new OptionError(`a stall timeout of ${stallTimeout} s can't be; a number of seconds above 0 is needed`);
  }
  const sessionOptions: SessionOptions = { threads: options.threads, dataFolders: dataFolders(options.data), stallTimeout };
  threadsFor(configuration, sessionOptions);
  return sessionOptions;
}

/** Records for readers that come at any time. */
class RecordLog {
  readonly #records: RoundRecord[] = [];
  #ended = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;
  #changed = new Promise<void>((resolve) => (this.#wake = resolve));

  add(round: RoundRecord): void {
    this.#records.push(round);
    this.#signal();
  }

  end(error?: unknown): void {
    this.#ended = true;
    if (error !== undefined) this.#error = error instanceof Error ? error : new Error('the run was aborted', { cause: error });
    this.#signal();
  }

  async *read(): AsyncGenerator<RoundRecord, void> {
    for (let next = 0; ; next++) {
      while (next === this.#records.length && !this.#ended) await this.#changed;
      const round = this.#records[next];
      if (round !== undefined) yield round;
      else if (this.#error !== undefined) throw this.#error;
      else return;
    }
  }

  #signal(): void {
    const wake = this.#wake;
    this.#changed = new Promise<void>((resolve) => (this.#wake = resolve));
    wake?.();
  }
}

