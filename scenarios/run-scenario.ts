import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../lib/run/make-folder.js';
import type { RecordedSchedule } from '../lib/run/recorded-schedule.js';
import { RunFolder, RunFolderError } from '../lib/run/run-folder.js';
import type { RoundRecord } from '../lib/run/records.js';
import { writeWhole } from '../lib/run/write-whole.js';
import { nameFiles } from '../lib/report/file-names.js';
import { KeptRounds } from '../lib/report/kept-rounds.js';
import type { ReportedRun, ScenarioReport } from '../lib/report/types.js';
import type { PinnedConfiguration, ResolvedRun } from '../lib/scenario/configuration.js';
import { describeVariant } from '../lib/report/variant.js';
import { publishedAccuracy, publishedBackdoorSuccess, publishedFigures } from '../lib/scenario/published.js';
import { planRuns } from '../lib/training/modes.js';
import type { OpenSession, PlannedFigures, PlannedSession } from '../lib/training/planned-session.js';
import { OptionError, sessionKey, type SessionOptions } from '../lib/training/session.js';
import { record } from '../lib/training/simulate.js';

/** The runs of a scenario as they are planned: nothing is allocated, nothing has started. */
export interface ScenarioPlan {
  readonly name: string;
  readonly runs: readonly ResolvedRun[];
  /** Runs that share data, kernels and number of threads share a session; `members` are their places in `runs`. */
  readonly sessions: readonly { readonly plan: PlannedSession; readonly members: readonly number[] }[];
}

/** Hears how runs get on. */
export interface ProgressListener {
  begin(run: ResolvedRun, index: number): void;
  round(record: RoundRecord): void;
  end(): void;
}

/** Plans every run, so that whatever would be refused is refused before anything starts. Throws what `planRuns` throws. */
export async function planScenario(name: string, runs: readonly ResolvedRun[], options: SessionOptions): Promise<ScenarioPlan> {
  const groups = new Map<string, number[]>();
  runs.forEach(({ configuration }, index) => {
    const key = sessionKey(configuration, options);
    groups.set(key, [...(groups.get(key) ?? []), index]);
  });
  const sessions: ScenarioPlan['sessions'][number][] = [];
  for (const members of groups.values()) {
    const configurations = members.map((index) => (runs[index] as ResolvedRun).configuration);
    sessions.push({ plan: await planRuns(configurations, options), members });
  }
  return { name, runs, sessions };
}

/**
 * Executes the runs one after another, each into a folder of its own below `folder`, and writes the report beside them: also when
 * a run fails or is interrupted, of what there is by then. Throws what ended it early.
 */
export async function runScenario(
  plan: ScenarioPlan,
  folder: string,
  progress: ProgressListener,
  signal: AbortSignal,
  schedules: { readonly record?: boolean; readonly replay?: RecordedSchedule | undefined } = {},
): Promise<ScenarioReport> {
  const started = new Date().toISOString();
  const reported = plan.runs.map(({ label, varied }): ReportedRun => ({ label, varied, error: 'not started', records: [] }));
  const figures = publishedFigures(plan.name);
  const published = plan.runs.map(({ configuration }) =>
    figures === undefined ? {} : { publishedAccuracy: publishedAccuracy(figures, configuration), publishedBackdoorSuccess: publishedBackdoorSuccess(figures, configuration) });
  const report = (): ScenarioReport => ({
    name: plan.name,
    started,
    publishedSource: figures?.source,
    runs: reported.map((run, index) => ({ ...run, ...published[index] })),
  });
  const runOne = async (session: OpenSession, pinned: PinnedConfiguration, position: number, index: number): Promise<void> => {
    const run = plan.runs[index] as ResolvedRun;
    const { label, varied } = run;
    // On disk each record is whole; a grid has many, and the report shows less of them.
    const rounds = new KeptRounds(run.configuration.rounds);
    progress.begin(run, index);
    try {
      const path = join(folder, runFolderName(run, index, plan.runs.length));
      const recording = { label, folder: new RunFolder(path), pinned, note: schedules.record, replay: schedules.replay };
      const { result, manifest } = await record(session, position, recording, (round) => {
        rounds.add(round);
        progress.round(round);
      }, signal);
      reported[index] = { label, varied, result, manifest, ...rounds.kept };
    } catch (error) {
      reported[index] = { label, varied, error: messageOf(error), ...rounds.kept };
      throw error;
    } finally {
      progress.end();
    }
  };

  try {
    for (const { plan: sessionPlan, members } of plan.sessions) {
      const session = await sessionPlan.open(signal);
      try {
        for (const [position, index] of members.entries()) {
          signal.throwIfAborted();
          await runOne(session, (sessionPlan.runs[position] as PlannedFigures).pinned, position, index);
        }
      } finally {
        await session.close();
      }
    }
  } catch (error) {
    // What ended the runs is what is told, also when the report can't be written any more (a full disk, say).
    if (reported.some(({ records }) => records.length > 0)) await writeReport(folder, report()).catch(() => undefined);
    throw error;
  }
  await writeReport(folder, report());
  // Also of an interruption that came while the report was written.
  signal.throwIfAborted();
  return report();
}

/** Makes `runs/NAME-TIMESTAMP`, with a number behind when that is taken. Throws an OptionError when it can't. */
export function makeScenarioFolder(parent: string, name: string): string {
  const stamp = new Date().toISOString().replace(/\.\d+Z$/, 'Z').replaceAll(':', '-');
  const base = `${fileName(name)}-${stamp}`;
  try {
    makeFolder(parent);
    for (let attempt = 1; ; attempt++) {
      const path = join(parent, attempt === 1 ? base : `${base}-${attempt}`);
      try {
        mkdirSync(path);
        return path;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  } catch (error) {
    throw new OptionError(`no folder for the runs can be made in ${parent}: ${messageOf(error)}; name another with --out`, { cause: error });
  }
}

async function writeReport(folder: string, report: ScenarioReport): Promise<void> {
  // The plot library is large, and most of the work is done without it.
  const { renderReport } = await import('../lib/report/report.js');
  const path = join(folder, 'report.html');
  try {
    writeWhole(path, await renderReport(report));
  } catch (error) {
    throw new RunFolderError(`${path}: ${messageOf(error)}`, { cause: error });
  }
}

/** `03-krum-alie-z=1.5`. */
function runFolderName({ varied }: ResolvedRun, index: number, runs: number): string {
  const number = String(index + 1).padStart(String(runs).length, '0');
  return fileName(`${number} ${describeVariant(nameFiles(varied))}`);
}

/** Bytes that a folder's name takes of a text; file systems allow 255 for all of it. */
const LONGEST_NAME = 120;

function fileName(text: string): string {
  const safe = text.replace(/[^\p{L}\p{N}._=+-]+/gu, '-').replace(/^[-.]+|[-.]+$/g, '');
  let bytes = 0;
  return Array.from(safe).filter((character) => (bytes += Buffer.byteLength(character)) <= LONGEST_NAME).join('');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
