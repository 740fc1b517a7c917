import type { Aggregator } from '../aggregators/aggregator.js';
import { AGGREGATORS } from '../aggregators/registry.js';
import { rowAddress, rowStride } from '../aggregators/row-matrix.js';
import type { Work } from '../kernels/task.js';
import { ArenaPlan } from '../memory/arena.js';
import type { Arena } from '../memory/arena.js';
import { type Address, f32, type Region } from '../memory/regions.js';
import { planPipeline } from '../pipeline/pipeline.js';
import { planServerOptions } from '../pipeline/server-options.js';
import { openWorkspace } from '../pipeline/workspace.js';
import { planChain } from '../preaggregators/chain.js';
import type { Preaggregator } from '../preaggregators/preaggregator.js';
import { PREAGGREGATORS } from '../preaggregators/registry.js';
import { stageOf } from '../preaggregators/stages.js';
import { mergeParameters, type Named } from '../registry/parameters.js';
import { type Registry } from '../registry/registry.js';
import { type Call, changedRow, ChangedRowError, type Memory, type Outcome, type Size, STEP_LIMIT, StepLimitError, type Subject } from './subject.js';

/** Every registered rule and pre-aggregator with each of its presets, or once with its defaults when there are none. */
export function registeredSubjects(): Subject[] {
  return [
    ...[...AGGREGATORS].flatMap((rule) => variants(rule).map((named) => ruleSubject(rule, named))),
    ...[...PREAGGREGATORS].flatMap((rule) => variants(rule).map((named) => preaggregatorSubject(rule, named))),
  ];
}

/** `{ name, preset?, ...example }` for each preset of something registered; the first one is what a bare name means. */
export function variants({ name, presets = {}, example }: { readonly name: string; readonly presets?: object; readonly example?: object }): Named[] {
  const names = Object.keys(presets);
  return (names.length === 0 ? [{}] : names.map((preset) => ({ preset }))).map((preset) => ({ name, ...preset, ...example }));
}

/** A registered rule with the parameters of `{ name, preset?, … }`. Throws a ParameterError as `aggregate` does. */
export function ruleSubject(rule: Aggregator, named: Named): Subject {
  const stageFor = staging(AGGREGATORS, named);
  return {
    kind: 'aggregation rule',
    label: labelOf(named),
    claims: rule.properties(mergeParameters(rule, named)),
    refusal: (size) => stageFor(size).broken,
    robustness(size) {
      const { shape, parameters } = stageFor(size);
      return rule.robustness?.(shape, parameters);
    },
    run: (call) => runRule(named, call),
  };
}

/** A registered pre-aggregator with the parameters of `{ name, preset?, … }`. */
export function preaggregatorSubject(rule: Preaggregator, named: Named): Subject {
  const stageFor = staging(PREAGGREGATORS, named);
  return {
    kind: 'pre-aggregator',
    label: labelOf(named),
    claims: rule.properties(mergeParameters(rule, named)),
    refusal: (size) => stageFor(size).broken,
    robustness: () => undefined,
    run: (call) => runPreaggregator(named, call),
  };
}

function staging<Of extends Aggregator | Preaggregator>(registry: Registry<Of>, named: Named) {
  return (size: Size) => stageOf(registry, named, { ...size, removed: 0 });
}

function labelOf({ name, preset, ...parameters }: Named): string {
  const given = Object.entries(parameters).map(([key, value]) => `${key} = ${String(value)}`);
  return [name, ...(preset === undefined ? [] : [preset]), ...given].join(' · ');
}

function runRule(named: Named, { rows, f, round = 0, memory = {}, order }: Call): Outcome {
  const { n, d, plan, matrix } = planRows(rows);
  const output = plan.add('output', f32(d));
  const pipeline = planPipeline(plan, 'aggregation', { preaggregators: [], aggregator: { ...named, f }, allowUnsafe: false }, n, d);
  const openServer = planServerOptions(plan, named.name, pipeline.needs, {
    rows, n, d, f, seed: 0, round, state: {}, allowUnsafe: false, trusted: trustedRow(d), score: scoreOf,
  });
  const workspace = openWorkspace(plan, n);
  const { arena } = workspace;
  for (const [name, region] of Object.entries(pipeline.state)) restore(arena, region, memory[name]);
  const addresses = copyIn(arena, matrix, rows);
  const steps = { taken: 0 };
  const { weights } = workspace.run(counted(pipeline.run({ arena, rows: addresses, workers: numbersOf(rows), output: output.address, server: openServer(arena, addresses), seed: 0, round }), steps), order);
  checkUnchanged(arena, rows, addresses);
  const left = Object.entries(pipeline.state).map(([name, region]) => [name, arena.view(region).slice()] as const);
  return { rows: [arena.view(output).slice()], weights, memory: Object.fromEntries(left), steps: steps.taken };
}

/** What rules that go by a trusted row are given: it depends on the length alone, as the server's data don't depend on what workers report. */
export function trustedRow(d: number): Float32Array {
  return Float32Array.from({ length: d }, (_, k) => ((k * 7) % 5) - 1.5);
}

/** What rules that go by a score are given: the nearer to the trusted row, the better. */
export function scoreOf(row: ArrayLike<number>): number {
  const trusted = trustedRow(row.length);
  return -trusted.reduce((sum, value, k) => sum + (value - (row[k] as number)) ** 2, 0);
}

function runPreaggregator(named: Named, { rows, f, round = 0, order }: Call): Outcome {
  const { n, d, plan, matrix } = planRows(rows);
  const chain = planChain(plan, 'chain', { preaggregators: [named], f, allowUnsafe: false }, n, d);
  const workspace = openWorkspace(plan, n);
  const { arena } = workspace;
  const addresses = copyIn(arena, matrix, rows);
  const steps = { taken: 0 };
  const out = workspace.run(counted(chain.run({ arena, rows: addresses, workers: numbersOf(rows), seed: 0, round }), steps), order);
  checkUnchanged(arena, rows, addresses);
  return { rows: out.rows.map((address) => arena.row(address, d).slice()), weights: undefined, memory: {}, steps: steps.taken };
}

function planRows(rows: readonly Float32Array[]) {
  const n = rows.length;
  const d = (rows[0] as Float32Array).length;
  const plan = new ArenaPlan();
  return { n, d, plan, matrix: plan.add('rows', f32(n * rowStride(d))) };
}

function copyIn(arena: Arena, matrix: Region<'f32'>, rows: readonly Float32Array[]): Address[] {
  return rows.map((row, index) => {
    const address = rowAddress(matrix, index, row.length);
    arena.row(address, row.length).set(row);
    return address;
  });
}

function checkUnchanged(arena: Arena, rows: readonly Float32Array[], addresses: readonly Address[]): void {
  const changed = changedRow(rows, addresses.map((address, row) => arena.row(address, (rows[row] as Float32Array).length)));
  if (changed !== undefined) throw new ChangedRowError(`it wrote to row ${changed}, which it may only read`);
}

function restore(arena: Arena, region: Region, before: Memory[string]): void {
  const view = arena.view(region);
  if (ArrayBuffer.isView(before)) view.set(before as typeof view);
  else view.fill(0);
}

/** The same work; throws a StepLimitError when it goes on for ever. */
function* counted<Result>(work: Work<Result>, steps: { taken: number }): Work<Result> {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    if (++steps.taken > STEP_LIMIT) throw new StepLimitError(`it took more than ${STEP_LIMIT} tasks`);
    yield step.value;
  }
}

function numbersOf(rows: readonly unknown[]): number[] {
  return Array.from(rows.keys());
}
