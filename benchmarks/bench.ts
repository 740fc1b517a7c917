import { Command, InvalidArgumentError, Option } from 'commander';
import Table from 'cli-table3';
import type { KernelChoice } from '../lib/kernels/load.js';
import { allowedNames } from '../lib/scenario/problems.js';
import { aggregators } from './aggregators.js';
import type { Benchmark, BenchmarkReport } from './benchmark.js';
import { gradient } from './gradient.js';
import { machine } from './measure.js';
import { phases } from './phases.js';
import { rounds } from './rounds.js';
import { scaling } from './scaling.js';

const BENCHMARKS: readonly Benchmark[] = [gradient, aggregators, rounds, scaling, phases];

interface CommandOptions {
  readonly json?: boolean;
  readonly kernels: KernelChoice;
  readonly repeats: number;
  readonly rules?: string[];
}

await new Command('bench')
  .description(`Measures. ${BENCHMARKS.map(({ name, question }) => `\n  ${name}: ${question}`).join('')}`)
  .argument('<name>', BENCHMARKS.map(({ name }) => name).join(', '))
  .option('--json', 'one JSON object on stdout')
  .addOption(new Option('--kernels <kind>', 'which kernels; gradient compares all that there are').choices(['auto', 'strict', 'relaxed']).default('auto'))
  .option('--repeats <N>', 'timed calls of each, at least', wholeNumber, 15)
  .option('--rules <names...>', 'only these rules')
  .action(async (name: string, options: CommandOptions) => {
    const benchmark = BENCHMARKS.find((candidate) => candidate.name === name);
    if (benchmark === undefined) {
      process.stderr.write(`there is no benchmark "${name}"; ${allowedNames(name, BENCHMARKS.map((known) => known.name))}\n`);
      process.exitCode = 2;
      return;
    }
    const report = await benchmark.run({ kernels: options.kernels, repeats: options.repeats, rules: options.rules });
    if (options.json === true) process.stdout.write(`${JSON.stringify({ benchmark: name, machine: machine(), kernels: options.kernels, ...report })}\n`);
    else print(benchmark, options, report);
  })
  .parseAsync();

function print({ name, question }: Benchmark, { kernels, repeats }: CommandOptions, { rows, findings }: BenchmarkReport): void {
  const { cpu, cores, node, v8 } = machine();
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const table = new Table({ head: columns, style: { head: [], border: [] } });
  for (const row of rows) table.push(columns.map((column) => String(row[column] ?? '')));
  process.stdout.write(
    [
      `${name}: ${question}`,
      `${cpu}, ${cores} cores, Node ${node}, V8 ${v8}; kernels ${kernels}; at least ${repeats} timed calls; times are medians, spread is the interquartile range over the median`,
      table.toString(),
      ...findings,
      '',
    ].join('\n'),
  );
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError('a whole number of at least 1 is needed.');
  return number;
}
