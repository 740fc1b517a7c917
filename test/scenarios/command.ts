import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const COMMAND = fileURLToPath(new URL('../../scenarios/byzantium.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when stderr holds so much. */
  readonly hears: (what: RegExp) => Promise<void>;
}

/** A minute without an end is a failure whatever the machine: then the process is killed, and `signal` says so. */
const PATIENCE = 60_000;

/** Starts `byzantium …` as a process of its own, in an empty folder unless told otherwise. */
export function start(args: readonly string[], options: { cwd: string; env?: NodeJS.ProcessEnv; nodeArguments?: readonly string[] }): Started {
  const child = spawn(process.execPath, [...(options.nodeArguments ?? []), COMMAND, ...args], {
    cwd: options.cwd,
    env: { ...process.env, BYZANTIUM_DATA: undefined, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const patience = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(patience);
      resolve({ code, signal, stdout, stderr });
    });
  });
  const hears = async (what: RegExp): Promise<void> => {
    while (!what.test(stderr)) {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`it ended without saying ${String(what)}: ${stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { child, ended, hears };
}

export function run(args: readonly string[], options: Parameters<typeof start>[1]): Promise<Ended> {
  return start(args, options).ended;
}

/** Writes a scenario to a file in the folder; returns the file's name. */
export function scenarioFile(folder: string, scenario: object, name = 'test.json'): string {
  writeFileSync(join(folder, name), JSON.stringify(scenario));
  return name;
}

/** A scenario that takes a moment: 3 workers, a linear model. */
export const QUICK = {
  workers: 3,
  dataset: { name: 'digits', trainSamples: 60, testSamples: 20 },
  model: 'softmax-regression',
  aggregator: 'mean',
  batchSize: 4,
  rounds: 4,
  evaluateEvery: 2,
} as const;
