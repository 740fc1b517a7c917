import Table from 'cli-table3';
import type { KernelChoice } from '../lib/kernels/load.js';
import { allowedNames, either } from '../lib/registry/names.js';
import { OptionError } from '../lib/training/session.js';
import { aggregators } from './aggregators.js';
import type { Benchmark, BenchmarkReport } from './benchmark.js';
import { gradient } from './gradient.js';
import { hogwild } from './hogwild.js';
import { machine } from './measure.js';
import { phases } from './phases.js';
import { rounds } from './rounds.js';
import { scaling } from './scaling.js';

const BENCHMARKS: readonly Benchmark[] = [gradient, aggregators, rounds, scaling, phases, hogwild];

export interface BenchCommandOptions {
  readonly json?: boolean;
  readonly kernels: KernelChoice;
  readonly repeats: number;
  readonly rules?: string[];
  readonly model?: string;
}

/** `byzantium bench NAME`. Resolves with the exit code; throws an OptionError for what it doesn't know. */
export async function benchCommand(name: string, { json = false, kernels, repeats, rules, model }: BenchCommandOptions): Promise<number> {
  const benchmark = BENCHMARKS.find((candidate) => candidate.name === name);
  if (benchmark === undefined) throw new OptionError(`there is no benchmark "${name}"; ${allowedNames(name, BENCHMARKS.map((known) => known.name))}`);
  for (const [option, given] of [['rules', rules], ['model', model]] as const) {
    if (given === undefined || benchmark.takes.includes(option)) continue;
    const those = BENCHMARKS.filter(({ takes }) => takes.includes(option)).map((known) => known.name);
    throw new OptionError(`--${option} has no meaning for the benchmark ${name}; ${either(those)} ${those.length === 1 ? 'takes' : 'take'} it`);
  }
  const report = await benchmark.run({ kernels, repeats, rules, model });
  if (json) process.stdout.write(`${JSON.stringify({ benchmark: name, machine: machine(), kernels, ...report })}\n`);
  else print(benchmark, kernels, repeats, report);
  return 0;
}

function print(benchmark: Benchmark, kernels: KernelChoice, repeats: number, { question = benchmark.question, rows, findings }: BenchmarkReport): void {
  const { cpu, cores, node, v8 } = machine();
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const table = new Table({ head: columns, style: { head: [], border: [] } });
  for (const row of rows) table.push(columns.map((column) => String(row[column] ?? '')));
  process.stdout.write(
    [
      `${benchmark.name}: ${question}`,
      `${cpu}, ${cores} cores, Node ${node}, V8 ${v8}; kernels ${kernels}; at least ${repeats} timed calls; times are medians, spread is the interquartile range over the median`,
      table.toString(),
      ...findings,
      '',
    ].join('\n'),
  );
}
