import type { InspectionReport } from '../inspections/inspection.js';
import { hashOfParameters } from '../run/npy.js';
import type { AsynchronousSummary, BackdoorFacts, RoundRecord, RunResult } from '../run/records.js';
import type { PlannedRun, Session } from './session.js';
import { asynchronous, type ScheduleUse } from './asynchronous/asynchronous.js';
import { AsynchronousTally, type RunClock } from './asynchronous/summary.js';
import { backdoorFacts } from './backdoor-examples.js';
import { downpour } from './downpour/downpour.js';
import { drive } from './drive.js';
import { countLostUpdates, denseHogwild } from './hogwild/dense.js';
import { UpdatesTally } from './hogwild/updates-tally.js';
import { inspectRun } from './inspection.js';
import { isOfThreads } from './model.js';
import type { Divergence } from './prepared-run.js';
import { Summary } from './summary.js';
import { synchronous } from './synchronous.js';

const LOOPS = { synchronous, asynchronous, downpour, hogwild: denseHogwild } as const;

/** A finished run, with what its manifest says beside the result. */
export interface ExecutedRun {
  readonly result: RunResult;
  readonly parameters: Float32Array;
  /** labelHistogram[worker][class]: samples. */
  readonly labelHistogram: readonly (readonly number[])[];
  /** Of a run with a clock. */
  readonly asynchronous: AsynchronousSummary | undefined;
  /** Of a run whose attack plants a backdoor. */
  readonly backdoor: BackdoorFacts | undefined;
}

/**
 * Executes one planned run of a session. `onRound` hears every record as its round ends. Throws the signal's reason when it is
 * aborted, at the end of the round; a ThreadError when a thread is lost; a ReplayError when `schedule` has one to follow that is none of this run.
 */
export async function execute(
  session: Session,
  planned: PlannedRun,
  onRound: (record: RoundRecord) => void,
  signal?: AbortSignal,
  schedule: ScheduleUse = {},
): Promise<ExecutedRun> {
  const { prepared, labelHistogram } = session.prepare(planned);
  const summary = new Summary();
  const { loop } = planned.layout;
  const tally = new AsynchronousTally(planned.configuration.workers, clockOf(planned, schedule));
  const updates = loop.mode === 'hogwild' ? new UpdatesTally() : undefined;
  let divergence: Divergence | undefined;
  let inspection: InspectionReport | undefined;
  try {
    if (isOfThreads(planned.layout.setup.layers)) await prepared.run.host('initialise', 1);
    divergence = await drive(
      LOOPS[loop.mode](prepared, schedule),
      (record) => {
        summary.add(record);
        updates?.add(record);
        tally.add(record);
        onRound(record);
      },
      signal,
    );
    if (loop.mode === 'hogwild' && loop.parameters.countLost && divergence === undefined) updates?.lose(await countLostUpdates(prepared));
    inspection = await inspectRun(planned, session, prepared.run);
  } finally {
    await prepared.run.end();
  }
  // A copy: the arena belongs to the next run as soon as this one ends.
  const parameters = session.arena.view(planned.layout.setup.regions.parameters).slice();
  const parametersHash = hashOfParameters(parameters);
  return {
    result: {
      ...summary.result(divergence),
      ...(updates === undefined ? {} : { updates: updates.total() }),
      parametersHash,
      threads: loop.mode === 'hogwild' ? loop.threads : session.plan.threads,
      kernels: session.plan.kernels.kind,
      config: planned.configuration,
      ...(inspection === undefined ? {} : { inspection }),
    },
    parameters,
    labelHistogram,
    // A synchronous run has a clock only when it is told how fast its workers are, HOGWILD! never.
    asynchronous: (loop.mode === 'synchronous' || loop.mode === 'hogwild') && !tally.timed ? undefined : { ...tally.summary(), ...replayed(schedule, parametersHash) },
    backdoor: backdoorFacts(planned.layout.setup, session.arena),
  };
}

function clockOf({ layout: { loop } }: PlannedRun, { replay }: ScheduleUse): RunClock {
  if (replay !== undefined) return 'replay';
  return loop.mode === 'asynchronous' && loop.free !== undefined ? 'real' : 'virtual';
}

function replayed({ replay }: ScheduleUse, parametersHash: string): Pick<AsynchronousSummary, 'replay'> {
  if (replay === undefined) return {};
  return { replay: replay.end === undefined ? {} : { parametersHash: replay.end.parametersHash, same: replay.end.parametersHash === parametersHash } };
}
