import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { examine, type Conformity } from '../lib/conformance/conformance.js';
import { registeredSubjects } from '../lib/conformance/registered.js';
import { counterexampleLines, intoMarkdown, markdownOf, textOf } from '../lib/conformance/table.js';
import { ParameterError } from '../lib/registry/problems.js';
import { OptionError } from '../lib/training/session.js';
import type { UserRuleMessage, UserRuleTask } from '../threads/conformance.js';

export interface ConformanceOptions {
  readonly json?: boolean;
  /** True: on stdout. A text: the file whose tables are replaced. */
  readonly markdown?: boolean | string;
  readonly counterexamples?: boolean;
  /** Seconds that a single check of a user's rule may take. */
  readonly limit?: number;
}

/** Seconds for all calls of one check at one (n, f): built-in rules take well under one. */
const DEFAULT_LIMIT = 20;

/**
 * `byzantium conformance [MODULE]`: holds every registered rule and pre-aggregator, or the user's rule, to the properties of lib/conformance and
 * prints the table. Gives the exit code: 1 when something fails. Throws a ParameterError for a module that has no rule.
 */
export async function conformanceCommand(module: string | undefined, { json, markdown, counterexamples, limit }: ConformanceOptions): Promise<number> {
  if (module === undefined && limit !== undefined) throw new OptionError('--limit is for a rule of your own, and no module is named');
  const file = typeof markdown === 'string' ? markdown : undefined;
  // Whatever is wrong with the file is told before the examination, which takes a minute.
  if (file !== undefined) withTables(file, []);
  const conformities = module === undefined ? registeredSubjects().map((subject) => examine(subject)) : [await examineModule(module, limit ?? DEFAULT_LIMIT)];
  const passed = conformities.every((conformity) => conformity.passed);
  if (json === true) process.stdout.write(`${JSON.stringify({ passed, rules: conformities })}\n`);
  else if (file !== undefined) atFile(file, () => { writeFileSync(file, withTables(file, conformities)); });
  else if (markdown === true) process.stdout.write(markdownOf(conformities));
  else {
    process.stdout.write(textOf(conformities));
    if (counterexamples === true || module !== undefined) process.stdout.write(counterexampleLines(conformities).map((line) => `${line}\n`).join(''));
  }
  return passed ? 0 : 1;
}

/** The file's text with these tables in place of its own. Throws an OptionError when it has no place for them. */
function withTables(file: string, conformities: readonly Conformity[]): string {
  return atFile(file, () => intoMarkdown(readFileSync(file, 'utf8'), conformities));
}

function atFile<Result>(file: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    throw error instanceof OptionError ? error : new OptionError(`--markdown ${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** Examines the rule of a module in a thread of its own, which is ended when a check has no end. */
async function examineModule(name: string, limit: number): Promise<Conformity> {
  const file = resolve(name);
  if (!existsSync(file)) throw new ParameterError([{ path: name, message: 'there is no such file; give the path of an ES module that exports a rule' }]);
  const task: UserRuleTask = { file, name };
  // What the rule prints must not mix with the result.
  const worker = new Worker(new URL('../threads/conformance.js', import.meta.url), { workerData: task, stdout: true });
  worker.stdout.pipe(process.stderr, { end: false });
  let doing = 'starting';
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Conformity>((settle, reject) => {
      const fail = (detail: string): void => { settle(broken(name, `${doing}: ${detail}`)); };
      const wait = (): void => {
        clearTimeout(timer);
        timer = setTimeout(() => { fail(`no end within ${limit} s`); }, limit * 1000);
      };
      wait();
      worker.on('message', (message: UserRuleMessage) => {
        if (message.about === 'next') {
          doing = message.what;
          wait();
        } else if (message.about === 'result') settle(message.conformity);
        else reject(new ParameterError([{ path: '', message: message.message }]));
      });
      worker.on('error', (error: unknown) => { fail(error instanceof Error ? error.message : String(error)); });
      worker.on('exit', (code) => { fail(`the rule ended its thread with code ${code}`); });
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

/** What came of a rule that didn't get to the end. */
function broken(label: string, detail: string): Conformity {
  return {
    kind: 'rule of your own', label, passed: false, refused: [], notTried: [], steps: 0,
    verdicts: [{ property: 'steps', outcome: 'failed', finding: 'FAILS', detail }],
  };
}
