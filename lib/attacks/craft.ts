import { PreconditionError } from '../aggregators/errors.js';
import { AGGREGATORS } from '../aggregators/registry.js';
import { rowAddress, rowStride } from '../aggregators/row-matrix.js';
import { Stream } from '../data/random.js';
import { ArenaPlan } from '../memory/arena.js';
import { type Address, f32, u32 } from '../memory/regions.js';
import { keepState, type KeptState, readState } from '../pipeline/kept-state.js';
import type { PipelineSpecification } from '../pipeline/pipeline.js';
import { openWorkspace } from '../pipeline/workspace.js';
import { PREAGGREGATORS } from '../preaggregators/registry.js';
import type { Knowledge } from '../registry/knowledge.js';
import { asNamed, checkOptions, checkRows, GREATEST_ROUND, GREATEST_SEED, kindOf, wholeNumber } from '../registry/options.js';
import { mergeParameters, type Named } from '../registry/parameters.js';
import { actsOnData, type AttackShape, rowsSeen } from './attack.js';
import { trainsAlone } from './attacker-training.js';
import { ATTACKS } from './registry.js';
import { planTrials, withoutWeights } from './trials.js';

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
  /** What an attack that learns keeps between calls; it starts afresh without it. */
  readonly state?: KeptState;
  /** The configured pre-aggregators and rule, for attacks that search against them. They run as in their first round, and workers 0 … f − 1 lie. */
  readonly pipeline?: { readonly preaggregators?: readonly (string | Named)[]; readonly aggregator: string | Named };
}

const OPTIONS = ['n', 'f', 'seed', 'round', 'worker', 'state', 'pipeline'] satisfies (keyof CraftOptions)[];

/**
 * Crafts one Byzantine row of d float32. `attack`: a name or `{ name, preset?, ...parameters }`; `rows`: what its knowledge lets it
 * see and nothing else, which is one row for `own`, the f corrupted workers' own honest rows for `colluding`, the n − f honest
 * workers' rows for `omniscient`. The rows are never changed.
 *
 * Throws a ParameterError for an unknown attack, preset or parameter, a PreconditionError when the attack can't be made for (n, f, d),
 * without the pipeline that it searches against, or from rows because it acts on data; a RangeError for a wrong number of rows, and a
 * TypeError or RangeError for anything else that can't be meant.
 */
export function craft(attack: string | Named, rows: readonly Float32Array[], options: CraftOptions): Float32Array {
  const { shape, seed, round, worker, state, pipeline } = readOptions(rows, options);
  const { n, f, d } = shape;
  const named = asNamed('an attack', attack);
  const entry = ATTACKS.get(named.name);
  const parameters = entry.resolve(mergeParameters(entry, named), shape);
  const problem = entry.check(shape, parameters);
  if (problem !== undefined) throw new PreconditionError(problem);
  if (actsOnData(entry)) {
    throw new PreconditionError(`${entry.name} acts on the corrupted workers' data, not on what they report: there is no row to craft, and only training shows it; name it in a scenario`);
  }
  if (entry.training !== undefined) throw new PreconditionError(trainsAlone(entry.name));
  checkCount(entry.name, entry.knowledge(parameters), shape, rows.length);

  const plan = new ArenaPlan();
  const { matrix, table, output } = plan.addAll('craft', { matrix: f32(rows.length * rowStride(d)), table: u32(rows.length), output: f32(d) });
  const memory = plan.addAll(entry.name, entry.memory(shape, parameters));
  const kept = plan.addAll(`${entry.name}/state`, entry.state?.(shape, parameters) ?? {});
  const need = entry.needsPipeline?.(parameters);
  // A pipeline that could not run is refused, whether or not the attack asks for it.
  const trialsOf = pipeline && planTrials(need === undefined ? new ArenaPlan() : plan, 'pipeline', pipeline, n, d);
  const unweighed = pipeline && withoutWeights(entry.name, need, pipeline.preaggregators.map(({ name }) => PREAGGREGATORS.get(name)), AGGREGATORS.get(pipeline.aggregator.name));
  if (unweighed !== undefined) throw new PreconditionError(unweighed);

  const { arena, run } = openWorkspace(plan, need === undefined ? rows.length : n);
  const addresses = rows.map((row, index) => {
    const address = rowAddress(matrix, index, d);
    arena.row(address, d).set(row);
    return address;
  });
  arena.view(table).set(addresses);
  readState(arena, kept, state);
  const input = {
    ...shape,
    table: table.address,
    rows: addresses,
    parameters,
    memory,
    state: kept,
    output: output.address,
    worker,
    arena,
    random: new Stream(seed, 'attack', worker, round),
    round,
    pipeline: need === undefined ? undefined : trialsOf?.({ arena, ...amongWorkers(addresses, f, output.address), seed, round }),
  };
  if (entry.prepare !== undefined) run(entry.prepare(input));
  run(entry.craft(input));
  keepState(arena, kept, state);
  return arena.view(output).slice();
}

/** The honest rows behind the places of the Byzantine workers, as they are placed unless a scenario says otherwise. */
function amongWorkers(honest: readonly Address[], f: number, anyRow: Address): { rows: readonly Address[]; byzantine: readonly number[] } {
  const byzantine = Array.from({ length: f }, (_, worker) => worker);
  return { rows: [...byzantine.map(() => anyRow), ...honest], byzantine };
}

interface Call {
  readonly shape: AttackShape;
  readonly seed: number;
  readonly round: number;
  readonly worker: number;
  readonly state: KeptState;
  readonly pipeline: PipelineSpecification | undefined;
}

function readOptions(rows: readonly Float32Array[], given: unknown): Call {
  const { d } = checkRows('craft', rows);
  const options = checkOptions('craft', given, OPTIONS);
  const n = wholeNumber('n', options['n'], 1, GREATEST_ROUND);
  const f = wholeNumber('f', options['f'], 1, n);
  const { state = {} } = options;
  if (typeof state !== 'object' || state === null) throw new TypeError(`state is an object, and not ${kindOf(state)}`);
  return {
    shape: { n, f, d },
    seed: wholeNumber('seed', options['seed'], 0, GREATEST_SEED, 0),
    round: wholeNumber('round', options['round'], 0, GREATEST_ROUND, 0),
    worker: wholeNumber('worker', options['worker'], 0, n - 1, 0),
    state: state as KeptState,
    pipeline: options['pipeline'] === undefined ? undefined : readPipeline(options['pipeline'], f),
  };
}

function readPipeline(pipeline: unknown, f: number): PipelineSpecification {
  if (typeof pipeline !== 'object' || pipeline === null) throw new TypeError(`pipeline is { preaggregators, aggregator }, and not ${kindOf(pipeline)}`);
  const { preaggregators = [], aggregator } = checkOptions('pipeline', pipeline, ['preaggregators', 'aggregator']);
  if (!Array.isArray(preaggregators)) throw new TypeError(`preaggregators is a list, and not ${kindOf(preaggregators)}`);
  return {
    preaggregators: preaggregators.map((preaggregator) => asNamed('a pre-aggregator', preaggregator)),
    aggregator: { f, ...asNamed('a rule', aggregator) },
    allowUnsafe: true,
  };
}

const SEEN: Readonly<Record<Knowledge, string>> = {
  own: 'the Byzantine worker\'s own honest row',
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
