import { PreconditionError } from '../../aggregators/errors.js';
import type { ServerNeed } from '../../aggregators/server-access.js';
import type { ArenaPlan } from '../../memory/arena.js';
import { f32, u32, type Region } from '../../memory/regions.js';
import { type Pipeline, planPipeline } from '../../pipeline/pipeline.js';
import type { PlannedPolicy } from '../../policies/policy.js';
import { configuredPolicy } from '../../scenario/asynchronous.js';
import type { RunConfiguration } from '../../scenario/configuration.js';
import { compileDamping } from '../../scenario/damping.js';
import { exchangeRequests, type ExchangeRegions } from './exchange.js';
import { freeRequests, type FreeControl, type FreeSetup } from './free-host.js';
import { type LiePlan, planLies } from './lies.js';
import { placesFor, versionRequests, type VersionRegions } from './shared-versions.js';

/** What an asynchronous run has beside the workers' memory. */
export interface AsynchronousLayout {
  readonly policy: PlannedPolicy;
  /** What the policy's rule and pre-aggregators come to; undefined when it has none. */
  readonly pipeline: Pipeline | undefined;
  /** What the policy or its rule needs of the server's samples, and how many rows it hands to them at most. */
  readonly needs: ServerNeed | undefined;
  readonly rowsAtServer: number;
  /** Each worker's second row: it writes one of the two while the server may read the other. */
  readonly otherRows: Region<'f32'>;
  /** Versions of the parameters, `rowStride` float32 apart: one for each worker that computes, the server's, and the next. */
  readonly versions: Region<'f32'>;
  /** Present on the real clock: how threads and the server get on. */
  readonly free: { readonly exchange: ExchangeRegions; readonly versions: VersionRegions; readonly control: FreeControl } | undefined;
  /** Rows in which threads that run free compute, one a thread. */
  readonly drafts: Region<'f32'>;
  readonly lies: LiePlan;
}

/** Adds an asynchronous run's regions. Throws a PreconditionError for what the policy or its rule needs and hasn't got, unless `allowUnsafe`. */
export function planAsynchronous(plan: ArenaPlan, configuration: RunConfiguration, d: number, rowStride: number, threads: number): AsynchronousLayout {
  const { workers: n, seed, aggregator } = configuration;
  const { policy, parameters, damping, clock } = configuredPolicy(configuration);
  const shape = { n, f: aggregator.f, d };
  const broken = policy.check(shape, parameters);
  if (broken !== undefined && !configuration.allowUnsafe) throw new PreconditionError(broken);
  let pipeline: Pipeline | undefined;
  const planned = policy.plan(plan, {
    ...shape,
    parameters,
    seed,
    rowStride,
    pipeline: (owner, rows) => (pipeline = planPipeline(plan, `${owner}/aggregation`, configuration, rows, d)),
    damping: compileDamping(damping, shape),
    damped: damping !== 'constant',
  });
  return {
    policy: planned,
    pipeline,
    needs: policy.needs ?? pipeline?.needs,
    rowsAtServer: policy.rowsAtRule(shape, parameters) ?? 0,
    lies: planLies(plan, configuration, d, rowStride),
    ...(clock === 'virtual'
      ? { free: undefined, ...plan.addAll('asynchronous', { otherRows: f32(n * rowStride), versions: f32((n + 2) * rowStride), drafts: f32(0) }) }
      : planFree(plan, n, threads, rowStride)),
  };
}

function planFree(plan: ArenaPlan, n: number, threads: number, rowStride: number) {
  return {
    free: {
      exchange: plan.addAll('exchange', exchangeRequests(n)),
      versions: plan.addAll('versions', versionRequests(n, threads)),
      control: plan.addAll('free', freeRequests(n, threads)),
    },
    ...plan.addAll('asynchronous', { otherRows: f32(n * rowStride), versions: f32(placesFor(n, threads) * rowStride), drafts: f32(threads * rowStride) }),
  };
}

/** What the threads have to know on the real clock; undefined on the virtual one. `rows`: the workers' first rows. */
export function freeSetup({ free, lies, versions, otherRows }: AsynchronousLayout, rows: Region<'f32'>, workers: number, d: number, rowStride: number): FreeSetup | undefined {
  if (free === undefined) return undefined;
  const { timing, byzantine } = lies;
  const pace = (worker: number): number => (timing?.kind === 'flood' && byzantine.includes(worker) ? timing.factor : 1);
  return { d, ...free, slots: { first: rows, second: otherRows, rowStride }, places: versions, paces: Array.from({ length: workers }, (_, worker) => pace(worker)) };
}

/** The tables of the phases in which workers compute ahead: for `WorkerRegions`. */
export function pendingRequests(workers: number) {
  return { pending: u32(workers), begun: u32(workers) };
}
