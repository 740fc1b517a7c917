#!/usr/bin/env node
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { packageVersion } from '../lib/run/manifest.js';
import { isStallTimeout, STALL_TIMEOUT_RANGE } from '../lib/training/stall-timeout.js';
import type { ConformanceOptions } from './conformance-command.js';
import { exitCodeOf, reportError } from './errors.js';

/**
 * The command line. Each command's module is loaded when it is called for.
 * Exit codes: 0 done, 1 the run failed, 2 the input was refused, 130 interrupted.
 */
const program = new Command('byzantium')
  .description('A simulator of distributed learning under attack.')
  .version(packageVersion())
  .exitOverride()
  .showHelpAfterError('(--help says what there is)');

program
  .command('scenario')
  .description('run a shipped scenario by name, or a JSON file (a manifest.json too)')
  .argument('<name-or-file>', 'a scenario')
  .option('--set <path=value>', 'change a key, e.g. rounds=20 or attack.z=1; JSON, else taken as text', collect, [])
  .option('--threads <N>', 'threads, at most one a worker (default: the smaller of workers and available cores)', wholeNumber)
  .option('--data <folder>', 'where data sets lie (then BYZANTIUM_DATA, then data/)')
  .option('--out <folder>', 'where run folders go', 'runs')
  .option('--stall-timeout <seconds>', 'seconds without a sign of work after which a thread counts as stalled (default: 60)', stallTimeout)
  .option('--record', 'leave the schedule of a run on the real clock in its folder, for --replay')
  .option('--replay <folder-or-file>', 'follow the schedule of such a run, on the virtual clock: the same bits every time')
  .option('--debug', 'check that modules of your own leave the rows that they are handed as they are')
  .option('--dry-run', 'say what would run, its memory, and what would be refused')
  .option('--json', 'one JSON object on stdout and nothing else')
  .action(async (nameOrFile: string, options: object) => {
    const { scenarioCommand } = await import('./scenario-command.js');
    process.exitCode = await scenarioCommand(nameOrFile, options as Parameters<typeof scenarioCommand>[1]);
  });

program
  .command('list')
  .description('the catalogue: rules, pre-aggregators, attacks, data sets, partitions, models, modes, policies, inspections, scenarios')
  .argument('[kind-or-name]', 'a kind (attacks, say) or a name (krum)')
  .option('--json', 'as JSON')
  .action(async (kindOrName: string | undefined, options: { json?: boolean }) => {
    const { listCommand } = await import('./list-command.js');
    listCommand(kindOrName, options.json === true);
  });

program
  .command('conformance')
  .description('hold every rule and pre-aggregator, or a rule of your own, to the properties of lib/conformance; exit code 1 when one fails')
  .argument('[module]', 'an ES module that exports a rule: its code runs with your rights')
  .option('--json', 'one JSON object on stdout')
  .addOption(new Option('--markdown [file]', 'the tables as Markdown: on stdout, or into a file that has a place for them').conflicts('json'))
  .addOption(new Option('--counterexamples', 'also say where what does not hold was seen not to').conflicts(['json', 'markdown']))
  .option('--limit <seconds>', 'seconds that one check of your rule may take (default: 20)', positiveNumber)
  .action(async (module: string | undefined, options: ConformanceOptions) => {
    const { conformanceCommand } = await import('./conformance-command.js');
    process.exitCode = await conformanceCommand(module, options);
  });

program
  .command('data')
  .description('download a data set and check it')
  .argument('<name>', 'mnist, fashion-mnist, cifar-10')
  .option('--data <folder>', 'where it goes (default: BYZANTIUM_DATA, then data/)')
  .option('--base-url <url>', 'another place to get it from')
  .action(async (name: string, options: { data?: string; baseUrl?: string }) => {
    const { dataCommand } = await import('./data-command.js');
    await dataCommand(name, options);
  });

program
  .command('bench')
  .description('measure; benchmarks/README.md says what each measures')
  .argument('<name>', 'gradient, aggregators, rounds, scaling, phases, hogwild')
  .option('--json', 'one JSON object on stdout')
  .addOption(new Option('--kernels <kind>', 'which kernels; gradient compares all that there are').choices(['auto', 'strict', 'relaxed']).default('auto'))
  .option('--repeats <N>', 'timed calls of each, at least', wholeNumber, 15)
  .option('--rules <names...>', 'only these rules')
  .option('--model <name>', 'gradient: of this model (its name alone), on images of 3 × 32 × 32')
  .action(async (name: string, options: object) => {
    const { benchCommand } = await import('../benchmarks/bench.js');
    process.exitCode = await benchCommand(name, options as Parameters<typeof benchCommand>[1]);
  });

// A reader that has gone (`| head`) needs no message; a full disk does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') process.stderr.write(`the output can't be written: ${error.message}\n`);
  process.exit(1);
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // commander has said what is wrong already; help and version come here too, with code 0
    if (error.exitCode !== 0 && process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ error: error.message.replace(/^error: /, '') })}\n`);
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    reportError(error, process.argv.includes('--json'));
    process.exitCode = exitCodeOf(error);
  }
}

function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError('a whole number of at least 1 is needed.');
  return number;
}

function positiveNumber(text: string): number {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (!(number > 0 && number < Infinity)) throw new InvalidArgumentError('a number above 0 is needed.');
  return number;
}

function stallTimeout(text: string): number {
  const seconds = text.trim() === '' ? Number.NaN : Number(text);
  if (!isStallTimeout(seconds)) throw new InvalidArgumentError(`${STALL_TIMEOUT_RANGE}, is needed.`);
  return seconds;
}
