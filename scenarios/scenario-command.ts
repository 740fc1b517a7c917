import { rmdirSync } from 'node:fs';
import { dataFolders } from '../lib/data/search-path.js';
import { renderTextTable } from '../lib/report/text-table.js';
import type { ResolvedRun } from '../lib/scenario/configuration.js';
import { checkSchedule, type RecordedSchedule, readSchedule } from '../lib/run/recorded-schedule.js';
import { expand, expandEach, isRefused } from '../lib/scenario/expand.js';
import { loadScenario } from '../lib/scenario/load.js';
import { setPath } from '../lib/scenario/path.js';
import type { JsonObject } from '../lib/scenario/plain.js';
import { ScenarioError } from '../lib/scenario/problems.js';
import { OptionError, type SessionOptions, warnOfThreads } from '../lib/training/session.js';
import { checkScheduleUse } from '../lib/training/simulate.js';
import { describeDryRun, foresee } from './dry-run.js';
import { exitCodeOf, Interrupted, REFUSED, reportError } from './errors.js';
import { terminalProgress } from './progress.js';
import { makeScenarioFolder, planScenario, runScenario, type ScenarioPlan } from './run-scenario.js';

export interface ScenarioCommandOptions {
  readonly set: readonly string[];
  readonly threads?: number;
  readonly data?: string;
  readonly out: string;
  readonly stallTimeout?: number;
  readonly dryRun?: boolean;
  readonly debug?: boolean;
  readonly record?: boolean;
  readonly replay?: string;
  readonly json?: boolean;
}

/** `byzantium scenario`. Resolves with the exit code; throws what was refused. */
export async function scenarioCommand(nameOrFile: string, options: ScenarioCommandOptions): Promise<number> {
  const interruption = interruptible();
  try {
    const scenario = options.set.reduce((changed, assignment) => assign(changed, assignment), loadScenario(nameOrFile));
    const sessionOptions: SessionOptions = { threads: options.threads, dataFolders: dataFolders(options.data), stallTimeout: options.stallTimeout, debug: options.debug, signal: interruption.signal };
    if (options.out === '') throw new OptionError('--out is empty; name a folder, or leave it out for runs/');
    if (options.dryRun === true && (options.record === true || options.replay !== undefined)) throw new OptionError('--dry-run starts nothing, so there is nothing to record or to replay');
    if (options.dryRun === true) return await dryRun(scenario, sessionOptions, options.json === true);
    const runs = expand(scenario);
    for (const run of runs) checkScheduleUse(run, options.record === true, options.replay !== undefined);
    const plan = await planScenario(runs[0]?.configuration.name ?? nameOrFile, runs, sessionOptions);
    for (const warning of warningsOf(plan)) process.stderr.write(`note: ${warning}\n`);
    return await runPlanned(plan, { ...options, replay: replayOf(plan, options.replay) }, interruption.signal);
  } finally {
    interruption.release();
  }
}

/** What a user should know before the runs start, each once. */
function warningsOf({ sessions }: ScenarioPlan): ReadonlySet<string> {
  return new Set(sessions.flatMap(({ plan }) => [...plan.runs.flatMap(({ check }) => check.warnings), warnOfThreads(plan.threads)]).filter((warning) => warning !== undefined));
}

/** Prints what would run and what would be refused. Throws a ScenarioError when no run is sound. */
async function dryRun(scenario: JsonObject, sessionOptions: SessionOptions, json: boolean): Promise<number> {
  const runs = expandEach(scenario);
  // Where none is, `expand` throws: a problem of all runs is one of the scenario.
  const sound = runs.find((run): run is ResolvedRun => !isRefused(run)) ?? expand(scenario)[0];
  const foreseen = await foresee(sound?.configuration.name ?? '', runs, sessionOptions);
  const errors = foreseen.refused.map(({ error }) => error).join('\n');
  if (json) {
    process.stdout.write(`${JSON.stringify(errors === '' ? foreseen : { ...foreseen, error: errors })}\n`);
    if (errors !== '') process.stderr.write(`${errors}\n`);
  } else {
    process.stdout.write(describeDryRun(foreseen));
  }
  return errors === '' ? 0 : REFUSED;
}

/** The schedule that the one run should follow. Throws an OptionError when there are more, a ReplayError when it doesn't fit. */
function replayOf({ runs, sessions }: ScenarioPlan, folderOrFile: string | undefined): RecordedSchedule | undefined {
  if (folderOrFile === undefined) return undefined;
  const [, ...others] = runs;
  const planned = sessions[0]?.plan.runs[0];
  if (planned === undefined || others.length > 0) throw new OptionError(`a schedule is one run's, and the scenario stands for ${runs.length}: replay the manifest.json of the run that was recorded`);
  const schedule = readSchedule(folderOrFile);
  checkSchedule(schedule, planned.pinned);
  return schedule;
}

type PlannedOptions = Pick<ScenarioCommandOptions, 'out' | 'json' | 'record'> & { readonly replay: RecordedSchedule | undefined };

async function runPlanned(plan: ScenarioPlan, { out, json = false, record = false, replay }: PlannedOptions, signal: AbortSignal): Promise<number> {
  const folder = makeScenarioFolder(out, plan.name);
  try {
    const report = await runScenario(plan, folder, terminalProgress(plan.runs.length), signal, { record, replay });
    for (const { manifest } of report.runs) {
      const same = manifest?.manifest.asynchronous?.replay?.same;
      if (same === true) process.stderr.write('The parameters are the recorded run\'s, bit by bit\n');
      if (same === false) process.stderr.write('The parameters are not the recorded run\'s: it ran on another family of processors or version of Node, or this is a fault in Byzantium\n');
    }
    if (json) process.stdout.write(`${JSON.stringify({ scenario: plan.name, runs: report.runs.map(({ label, result }) => ({ label, ...result })) })}\n`);
    else process.stdout.write(`${renderTextTable(report)}\n\nThe report: ${folder}/report.html\n`);
    return 0;
  } catch (error) {
    reportError(error, json);
    if (!removeIfEmpty(folder)) process.stderr.write(`What there is by now: ${folder}\n`);
    return exitCodeOf(error);
  }
}

/** True when nothing was in the folder, which then is gone. */
function removeIfEmpty(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

/** Ctrl-C ends the round and closes the files; a second one ends at once. */
function interruptible(): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(130);
    process.stderr.write('\nInterrupted: what has begun (a round, data, the report) is brought to its end. Once more ends at once.\n');
    controller.abort(new Interrupted('interrupted'));
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return {
    signal: controller.signal,
    release: () => {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
    },
  };
}

function assign(scenario: ReturnType<typeof loadScenario>, assignment: string): ReturnType<typeof loadScenario> {
  const equals = assignment.indexOf('=');
  if (equals < 1) throw new ScenarioError([{ path: '--set', message: `"${assignment}" is no path=value, such as rounds=20` }]);
  return setPath(scenario, assignment.slice(0, equals), assignment.slice(equals + 1));
}
