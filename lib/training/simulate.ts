import { inspect } from 'node:util';
import { manifestOf } from '../run/manifest.js';
import { checkSchedule, type RecordedSchedule, readSchedule } from '../run/recorded-schedule.js';
import { RunFolder } from '../run/run-folder.js';
import type { Manifest, RoundRecord, RunResult } from '../run/records.js';
import { isOnRealClock } from '../scenario/asynchronous.js';
import type { PinnedConfiguration, ResolvedRun } from '../scenario/configuration.js';
import { expand, isResolvedRun } from '../scenario/expand.js';
import { dataFolders } from '../data/search-path.js';
import type { ScheduleUse } from './asynchronous/asynchronous.js';
import { planRuns } from './modes.js';
import type { OpenSession, PlannedFigures, PlannedSession } from './planned-session.js';
import { OptionError, threadsFor, type SessionOptions } from './session.js';
import { isStallTimeout, STALL_TIMEOUT_RANGE } from './stall-timeout.js';

export interface SimulateOptions {
  /** Threads of the pool, at most one a worker; by default the smaller of workers and available cores. */
  readonly threads?: number | undefined;
  /** Folder with data sets; before `BYZANTIUM_DATA` and `data/`. */
  readonly data?: string | undefined;
  /** A new or empty folder for the run's files. Without it nothing is written. */
  readonly out?: string | undefined;
  /** Ends the run after its current round, or while it is planned; `result` rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Seconds without a sign of work after which a thread counts as stalled: 60 by default, at most 2,147,483. */
  readonly stallTimeout?: number | undefined;
  /** Leaves the schedule of a run on the real clock in `out`, which has to be given: what `replay` follows. */
  readonly record?: boolean | undefined;
  /** The folder of a run with a schedule, or the schedule: the run follows it on the virtual clock, to the same bits every time. */
  readonly replay?: string | undefined;
  /** Checks that modules of the user's own leave the rows that they are handed as they are. */
  readonly debug?: boolean | undefined;
}

/**
 * A run under way: its records as they come, from the first one, for any number of readers; and its result. All records are kept for
 * readers that come late, as long as the simulation itself is: each has up to n weights, so a run of a million rounds is better
 * read from the `rounds.jsonl` in its folder.
 */
export interface Simulation extends AsyncIterable<RoundRecord> {
  readonly result: Promise<RunResult>;
}

/**
 * Starts one run: `scenario` stands for one, or is a run as `expand` gives it, or that run's `configuration`. Throws a ScenarioError at once when the scenario is
 * not sound, an OptionError when it stands for several runs (use `expand`) or an option is impossible, a ReplayError when there is no such schedule or it is another scenario's; `result` and every iteration reject with what ends the run early: a DataError, an
 * ArenaLimitError, a KernelsError, a ThreadError, a RunFolderError, or the signal's reason.
 */
export function simulate(scenario: unknown, options: SimulateOptions = {}): Simulation {
  const expanded = isResolvedRun(scenario) ? scenario : undefined;
  const [resolved, ...others] = expand(expanded?.configuration ?? scenario);
  if (resolved === undefined || others.length > 0) {
    throw new OptionError(`the scenario stands for ${others.length + 1} runs and simulate takes one; call it for each run of expand(scenario)`);
  }
  const run = expanded === undefined ? resolved : { ...expanded, configuration: resolved.configuration };
  const sessionOptions = checkOptions(options, run);
  const replay = options.replay === undefined ? undefined : readSchedule(options.replay);
  const log = new RecordLog();
  const result = simulateRun(run, options, sessionOptions, replay, log);
  result.then(
    () => { log.end(); },
    (reason: unknown) => { log.end({ reason }); },
  );
  return { result, [Symbol.asyncIterator]: () => log.read() };
}

async function simulateRun(run: ResolvedRun, options: SimulateOptions, sessionOptions: SessionOptions, replay: RecordedSchedule | undefined, log: RecordLog): Promise<RunResult> {
  options.signal?.throwIfAborted();
  const plan = await planRuns([run.configuration], sessionOptions);
  const { pinned } = plan.runs[0] as PlannedFigures;
  if (replay !== undefined) checkSchedule(replay, pinned);
  // Before the data are loaded and threads are started for a run that couldn't be written down.
  const folder = options.out === undefined ? undefined : new RunFolder(options.out);
  const session = await openOrDiscard(plan, folder, options.signal);
  try {
    const { result } = await record(session, 0, { label: run.label, folder, pinned, note: options.record, replay }, (round) => { log.add(round); }, options.signal);
    return result;
  } finally {
    await session.close();
  }
}

async function openOrDiscard(plan: PlannedSession, folder: RunFolder | undefined, signal: AbortSignal | undefined): Promise<OpenSession> {
  try {
    return await plan.open(signal);
  } catch (error) {
    folder?.discard();
    throw error;
  }
}

/** Throws an OptionError for a run that leaves no schedule and follows none, and for one that should do both. */
export function checkScheduleUse({ configuration }: ResolvedRun, note: boolean, replay: boolean): void {
  if (!note && !replay) return;
  if (!isOnRealClock(configuration)) {
    throw new OptionError(`${note ? 'record' : 'replay'} is for runs on the real clock ("mode": { "name": "asynchronous", "clock": "real" }): all others give the same bits every time by themselves`);
  }
  if (note && replay) throw new OptionError('record and replay exclude each other: a run that follows a schedule has no other to leave');
}

/** How a run is written down, and what it does about schedules. */
export interface Recording {
  readonly label: string;
  readonly folder: RunFolder | undefined;
  /** What its schedule begins with. */
  readonly pinned: PinnedConfiguration;
  /** Does it leave its schedule in the folder? */
  readonly note?: boolean | undefined;
  /** The schedule that it follows. */
  readonly replay?: RecordedSchedule | undefined;
}

/** Executes run `index` of a session, leaves its files in the folder, when there is one, and closes it, whatever happens. */
export async function record(
  session: OpenSession,
  index: number,
  { label, folder, pinned, note = false, replay }: Recording,
  onRound: (record: RoundRecord) => void,
  signal: AbortSignal | undefined,
): Promise<{ result: RunResult; manifest: Manifest }> {
  const started = new Date().toISOString();
  try {
    const schedule: ScheduleUse = { ...(note ? { note: folder?.keepSchedule(pinned) } : {}), replay };
    const { result, parameters, facts } = await session.execute(
      index,
      (round) => {
        folder?.append(round);
        onRound(round);
      },
      signal,
      schedule,
    );
    const manifest = manifestOf(result, { label, started, ...facts });
    folder?.finish(manifest, parameters);
    return { result, manifest };
  } finally {
    folder?.close();
  }
}

function checkOptions(options: unknown, run: ResolvedRun): SessionOptions {
  if (typeof options !== 'object' || options === null) throw new OptionError(`the options of simulate are an object, and not ${String(options)}`);
  const unknown = Object.keys(options).find((key) => !Object.hasOwn(OPTIONS, key));
  if (unknown !== undefined) throw new OptionError(`simulate has no option "${unknown}"; it has ${Object.keys(OPTIONS).join(', ')}`);
  for (const [name, { is, what }] of Object.entries(OPTIONS)) {
    const value = (options as Readonly<Record<string, unknown>>)[name];
    if (value !== undefined && !is(value)) throw new OptionError(`the option ${name} of simulate has to be ${what}, and is ${inspect(value, { depth: 0 })}`);
  }
  const { threads, data, out, stallTimeout, debug, signal, record: note = false, replay } = options as SimulateOptions;
  checkScheduleUse(run, note, replay !== undefined);
  if (note && out === undefined) throw new OptionError('the option record of simulate needs out, the folder that the schedule goes to');
  const sessionOptions: SessionOptions = { threads, dataFolders: dataFolders(data), stallTimeout, debug, signal };
  threadsFor(run.configuration, sessionOptions);
  return sessionOptions;
}

const OPTIONS: Readonly<Record<keyof SimulateOptions, { is: (value: unknown) => boolean; what: string }>> = {
  threads: { is: (value) => typeof value === 'number', what: 'a whole number' },
  data: { is: (value) => typeof value === 'string', what: 'the path of a folder' },
  out: { is: (value) => typeof value === 'string' && value !== '', what: 'the path of a folder' },
  signal: { is: (value) => value instanceof AbortSignal, what: 'an AbortSignal' },
  record: { is: (value) => typeof value === 'boolean', what: 'true or false' },
  replay: { is: (value) => typeof value === 'string' && value !== '', what: 'the path of a folder or a file' },
  debug: { is: (value) => typeof value === 'boolean', what: 'true or false' },
  stallTimeout: { is: isStallTimeout, what: STALL_TIMEOUT_RANGE },
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

