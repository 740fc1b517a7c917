import { rmdirSync } from 'node:fs';
import { dataFolders } from '../lib/data/search-path.js';
import { formatBytes } from '../lib/memory/arena.js';
import { renderTextTable } from '../lib/report/text-table.js';
import { checkRun } from '../lib/scenario/check.js';
import type { ResolvedRun } from '../lib/scenario/configuration.js';
import { expand } from '../lib/scenario/expand.js';
import { loadScenario } from '../lib/scenario/load.js';
import { setPath } from '../lib/scenario/path.js';
import { ScenarioError } from '../lib/scenario/problems.js';
import type { SessionOptions } from '../lib/training/session.js';
import { exitCodeOf, Interrupted, reportError } from './errors.js';
import { terminalProgress } from './progress.js';
import { makeScenarioFolder, planScenario, runScenario, type ScenarioPlan } from './run-scenario.js';

export interface ScenarioCommandOptions {
  readonly set: readonly string[];
  readonly threads?: number;
  readonly data?: string;
  readonly out: string;
  readonly stallTimeout?: number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `byzantium scenario`. Resolves with the exit code; throws what was refused. */
export async function scenarioCommand(nameOrFile: string, options: ScenarioCommandOptions): Promise<number> {
  const interruption = interruptible();
  try {
    const scenario = options.set.reduce((changed, assignment) => assign(changed, assignment), loadScenario(nameOrFile));
    const runs = expand(scenario);
    const sessionOptions: SessionOptions = { threads: options.threads, dataFolders: dataFolders(options.data), stallTimeout: options.stallTimeout };
    const plan = await planScenario(runs[0]?.configuration.name ?? nameOrFile, runs, sessionOptions);
    if (options.dryRun === true) {
      describe(plan, options.json === true);
      return 0;
    }
    return await runPlanned(plan, options, interruption.signal);
  } finally {
    interruption.release();
  }
}

async function runPlanned(plan: ScenarioPlan, { out, json = false }: ScenarioCommandOptions, signal: AbortSignal): Promise<number> {
  const folder = makeScenarioFolder(out, plan.name);
  try {
    const report = await runScenario(plan, folder, terminalProgress(plan.runs.length), signal);
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
    process.stderr.write('\nInterrupted: this round is brought to its end. Once more ends at once.\n');
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

/** What `--dry-run` prints. */
function describe({ name, runs, sessions }: ScenarioPlan, json: boolean): void {
  const planned = sessions.flatMap(({ plan, members }) =>
    members.map((member, position) => {
      const { label, configuration } = runs[member] as ResolvedRun;
      const run = plan.runs[position];
      const { broken, warnings } = checkRun(configuration, run?.d);
      const notes = [...broken.map(({ path, message }) => `${path}: ${message} (run all the same: allowUnsafe)`), ...warnings];
      return { member, label, threads: plan.threads, kernels: plan.kernels, parameters: run?.d ?? 0, bytes: run?.bytes ?? 0, warnings: notes, config: configuration };
    }),
  );
  planned.sort((a, b) => a.member - b.member);
  if (json) {
    process.stdout.write(`${JSON.stringify({ scenario: name, runs: planned.map(({ member: _member, ...run }) => run) })}\n`);
    return;
  }
  const lines = planned.flatMap(({ label, threads, kernels, parameters, bytes, warnings, config }) => [
    `${label === '' ? config.name : label}: ${config.rounds} rounds, ${config.workers} workers (${config.byzantine.count} Byzantine), ` +
      `${parameters.toLocaleString('en')} parameters, ${threads} threads, ${kernels} kernels, ${formatBytes(bytes)}`,
    ...warnings.map((warning) => `  note: ${warning}`),
  ]);
  process.stdout.write(`${name}: ${planned.length} ${planned.length === 1 ? 'run' : 'runs'}; nothing was started\n${lines.join('\n')}\n`);
}
