import { AGGREGATORS } from '../aggregators/registry.js';
import { rowAddress, rowStride } from '../aggregators/row-matrix.js';
import { ArenaPlan } from '../memory/arena.js';
import { type Address, f32, type Region } from '../memory/regions.js';
import { planChain } from '../preaggregators/chain.js';
import { asNamed, checkOptions, checkRows, GREATEST_ROUND, GREATEST_SEED, kindOf, truth, wholeNumber } from '../registry/options.js';
import { mergeParameters, type Named } from '../registry/parameters.js';
import { ParameterError } from '../registry/problems.js';
import { keepState, type KeptState, readState } from './kept-state.js';
import { planPipeline } from './pipeline.js';
import { planServerOptions } from './server-options.js';
import { aggregateByUser, type UserRule } from './user-rule.js';
import { openWorkspace, type Workspace } from './workspace.js';

/** What a rule keeps between calls. */
export type AggregatorState = KeptState;

export interface AggregateOptions {
  /** How many rows the rule has to tolerate: 0 … n, 0 by default. */
  readonly f?: number;
  /** Keys the randomness, with `round`: whole numbers, 0 by default. */
  readonly seed?: number;
  readonly round?: number;
  /** Rules with a memory start afresh without it. */
  readonly state?: AggregatorState;
  /** A row that the server trusts, for rules that compare with one. */
  readonly trusted?: Float32Array;
  /** How much a row helps on the server's data, for rules that go by it. */
  readonly score?: (row: Float32Array) => number;
  /** Runs a rule outside its precondition, where that leaves something to compute. */
  readonly allowUnsafe?: boolean;
}

/**
 * Aggregates n rows of d float32 with a rule: a registered one by its name or as `{ name, preset?, ...parameters }`, or an object with
 * an `aggregate` of its own. Up to f rows that hold NaN or ±Inf are dropped first. Returns d float32; the rows are never changed.
 *
 * Throws a ParameterError for an unknown rule, preset or parameter, a PreconditionError when (n, f, d) break what the rule needs,
 * a NonFiniteRowsError when more than f rows are not finite, a NoAggregateError when the rule finds no aggregate, and a TypeError or RangeError for anything else that can't be meant.
 */
export function aggregate(rule: string | Named | UserRule, rows: readonly Float32Array[], options?: AggregateOptions): Float32Array {
  const call = readCall('aggregate', rows, options);
  return isUserRule(rule) ? aggregateByUser(rule, call) : aggregateByName(readNamed('a rule', rule, 'aggregate takes an object with an aggregate function in its place, such as what the module exports'), call);
}

/**
 * Applies one pre-aggregator to n rows of d float32, after up to f rows that hold NaN or ±Inf are dropped. Returns the rows that go
 * out, d float32 each, which may be fewer; the rows that come in are never changed. Options and errors are those of `aggregate`.
 */
export function preaggregate(rule: string | Named, rows: readonly Float32Array[], options?: AggregateOptions): Float32Array[] {
  const { n, d, f, seed, round, allowUnsafe } = readCall('preaggregate', rows, options);
  const plan = new ArenaPlan();
  const matrix = plan.add('rows', f32(n * rowStride(d)));
  const chain = planChain(plan, 'chain', { preaggregators: [readNamed('a pre-aggregator', rule)], f, allowUnsafe }, n, d);
  const workspace = openWorkspace(plan, n);
  const { arena } = workspace;
  const output = workspace.run(chain.run({ arena, rows: copyIn(workspace, matrix, rows), workers: Array.from(rows.keys()), seed, round }));
  return output.rows.map((address) => arena.row(address, d).slice());
}

/** A call of `aggregate` or `preaggregate`, checked and with its defaults. */
export interface Call {
  readonly rows: readonly Float32Array[];
  readonly n: number;
  readonly d: number;
  readonly f: number;
  readonly seed: number;
  readonly round: number;
  readonly state: AggregatorState;
  readonly trusted: Float32Array | undefined;
  readonly score: ((row: Float32Array) => number) | undefined;
  readonly allowUnsafe: boolean;
}

const OPTIONS = ['f', 'seed', 'round', 'state', 'trusted', 'score', 'allowUnsafe'] satisfies (keyof AggregateOptions)[];

function readCall(of: string, rows: readonly Float32Array[], given: unknown): Call {
  const { n, d } = checkRows(of, rows);
  const options = checkOptions(of, given, OPTIONS);
  const { state = {}, trusted, score } = options;
  if (typeof state !== 'object' || state === null) throw new TypeError(`state is an object, and not ${kindOf(state)}`);
  if (trusted !== undefined && checkRows('trusted', [trusted]).d !== d) throw new RangeError(`trusted has to have ${d} coordinates, like the rows`);
  if (score !== undefined && typeof score !== 'function') throw new TypeError(`score is a function of a row, and not ${kindOf(score)}`);
  return {
    rows,
    n,
    d,
    f: wholeNumber('f', options['f'], 0, n, 0),
    seed: wholeNumber('seed', options['seed'], 0, GREATEST_SEED, 0),
    round: wholeNumber('round', options['round'], 0, GREATEST_ROUND, 0),
    state: state as AggregatorState,
    trusted: trusted as Float32Array | undefined,
    score: score as Call['score'],
    allowUnsafe: truth('allowUnsafe', options['allowUnsafe']),
  };
}

function readNamed(of: string, rule: string | Named, instead?: string): Named {
  const named = asNamed(of, rule, instead);
  if ('f' in named) throw new ParameterError([{ path: `${named.name}.f`, message: '"f" is no parameter here: it goes into the options, beside the rows' }]);
  return named;
}

function isUserRule(rule: unknown): rule is UserRule {
  return typeof rule === 'object' && rule !== null && 'aggregate' in rule && typeof rule.aggregate === 'function';
}

function aggregateByName(named: Named, call: Call): Float32Array {
  const { rows, n, d, f, seed, round, state, allowUnsafe } = call;
  // Before `f` stands beside them: a message would list it among what may be given here.
  mergeParameters(AGGREGATORS.get(named.name), named);
  const plan = new ArenaPlan();
  const matrix = plan.add('rows', f32(n * rowStride(d)));
  const output = plan.add('output', f32(d));
  const pipeline = planPipeline(plan, 'aggregation', { preaggregators: [], aggregator: { ...named, f }, allowUnsafe }, n, d);
  const openServer = planServerOptions(plan, named.name, pipeline.needs, call);
  const workspace = openWorkspace(plan, n);
  const { arena } = workspace;
  readState(arena, pipeline.state, state);
  const addresses = copyIn(workspace, matrix, rows);
  const server = openServer(arena, addresses);
  workspace.run(pipeline.run({ arena, rows: addresses, workers: Array.from(rows.keys()), output: output.address, server, seed, round }));
  keepState(arena, pipeline.state, state);
  return arena.view(output).slice();
}

function copyIn({ arena }: Workspace, matrix: Region<'f32'>, rows: readonly Float32Array[]): Address[] {
  return rows.map((row, index) => {
    const address = rowAddress(matrix, index, row.length);
    arena.row(address, row.length).set(row);
    return address;
  });
}
