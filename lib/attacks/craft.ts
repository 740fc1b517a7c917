import { asNamed, checkOptions, checkRows, GREATEST_ROUND, GREATEST_SEED, kindOf, wholeNumber } from '../aggregators/options.js';
import { PreconditionError } from '../aggregators/errors.js';
import { planPipeline } from '../aggregators/pipeline.js';
import { rowAddress, rowStride } from '../aggregators/row-matrix.js';
import { openWorkspace } from '../aggregators/workspace.js';
import { Stream } from '../data/random.js';
import { ArenaPlan } from '../memory/arena.js';
import { f32, u32 } from '../memory/regions.js';
import { mergeParameters, type Named } from '../registry/parameters.js';
import { type AttackShape, type Knowledge, rowsSeen } from './attack.js';
import { ATTACKS } from './registry.js';

export interface CraftOptions {
  /** All workers. */
  readonly n: number;
  /** The Byzantine ones: 1 … n. */
  readonly f: number;
  /** Key the randomness, with `worker`: whole numbers, 0 by default. */
  readonly seed?: number;
  readonly round?: number;
  /** The worker that lies, 0 by default. */
  readonly worker?: number;
  /** The configured pre-aggregators and rule, for attacks that search against them. */
  readonly pipeline?: { readonly preaggregators?: readonly (string | Named)[]; readonly aggregator: string | Named };
}

const OPTIONS = ['n', 'f', 'seed', 'round', 'worker', 'pipeline'] satisfies (keyof CraftOptions)[];

/**
 * Crafts one Byzantine row of d float32. `attack`: a name or `{ name, preset?, ...parameters }`; `rows`: what its knowledge lets it
 * see and nothing else, which is one row for `own`, the f corrupted workers' own honest rows for `colluding`, the n − f honest
 * workers' rows for `omniscient`. The rows are never changed.
 *
 * Throws a ParameterError for an unknown attack, preset or parameter, a PreconditionError when the attack can't be made for (n, f, d),
 * a RangeError for a wrong number of rows, and a TypeError or RangeError for anything else that can't be meant.
 */
export function craft(attack: string | Named, rows: readonly Float32Array[], options: CraftOptions): Float32Array {
  const { shape, seed, round, worker } = readOptions(rows, options);
  const { d } = shape;
  const named = asNamed('an attack', attack);
  const entry = ATTACKS.get(named.name);
  const parameters = entry.resolve(mergeParameters(entry, named), shape);
  const problem = entry.check(shape, parameters);
  if (problem !== undefined) throw new PreconditionError(problem);
  checkCount(entry.name, entry.knowledge(parameters), shape, rows.length);

  const plan = new ArenaPlan();
  const { matrix, table, output } = plan.addAll('craft', { matrix: f32(rows.length * rowStride(d)), table: u32(rows.length), output: f32(d) });
  const memory = plan.addAll(entry.name, entry.memory(shape, parameters));
  const { arena, run } = openWorkspace(plan, rows.length);
  const addresses = rows.map((row, index) => {
    const address = rowAddress(matrix, index, d);
    arena.row(address, d).set(row);
    return address;
  });
  arena.view(table).set(addresses);
  const random = new Stream(seed, 'attack', worker, round);
  run(entry.craft({ ...shape, table: table.address, rows: addresses, parameters, memory, output: output.address, worker, arena, random, round }));
  return arena.view(output).slice();
}

function readOptions(rows: readonly Float32Array[], given: unknown): { shape: AttackShape; seed: number; round: number; worker: number } {
  const { d } = checkRows('craft', rows);
  const options = checkOptions('craft', given, OPTIONS);
  const n = wholeNumber('n', options['n'], 1, GREATEST_ROUND);
  const f = wholeNumber('f', options['f'], 1, n);
  if (options['pipeline'] !== undefined) checkPipeline(options['pipeline'], n, f, d);
  return {
    shape: { n, f, d },
    seed: wholeNumber('seed', options['seed'], 0, GREATEST_SEED, 0),
    round: wholeNumber('round', options['round'], 0, GREATEST_ROUND, 0),
    worker: wholeNumber('worker', options['worker'], 0, n - 1, 0),
  };
}

/** A pipeline that could not run is refused, whether or not the attack asks for it. */
function checkPipeline(pipeline: unknown, n: number, f: number, d: number): void {
  if (typeof pipeline !== 'object' || pipeline === null) throw new TypeError(`pipeline is { preaggregators, aggregator }, and not ${kindOf(pipeline)}`);
  const { preaggregators = [], aggregator } = checkOptions('pipeline', pipeline, ['preaggregators', 'aggregator']);
  if (!Array.isArray(preaggregators)) throw new TypeError(`preaggregators is a list, and not ${kindOf(preaggregators)}`);
  const specification = {
    preaggregators: preaggregators.map((preaggregator) => asNamed('a pre-aggregator', preaggregator)),
    aggregator: { f, ...asNamed('a rule', aggregator) },
    allowUnsafe: true,
  };
  planPipeline(new ArenaPlan(), 'pipeline', specification, n, d);
}

const SEEN: Readonly<Record<Knowledge, string>> = {
  own: 'the liar\'s own honest row',
  colluding: 'the f corrupted workers\' own honest rows',
  omniscient: 'the n − f honest workers\' rows',
};

function checkCount(attack: string, knowledge: Knowledge, shape: AttackShape, given: number): void {
  const needed = rowsSeen(knowledge, shape);
  if (given === needed) return;
  throw new RangeError(
    `${attack} with knowledge "${knowledge}" sees ${SEEN[knowledge]}: with n = ${shape.n} and f = ${shape.f} it takes ${needed} and got ${given}`,
  );
}
