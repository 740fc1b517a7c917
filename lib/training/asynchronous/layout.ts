import { type Pipeline, planPipeline } from '../../aggregators/pipeline.js';
import { PreconditionError } from '../../aggregators/errors.js';
import type { ServerNeed } from '../../aggregators/server-access.js';
import type { ArenaPlan } from '../../memory/arena.js';
import { f32, u32, type Region } from '../../memory/regions.js';
import type { PlannedPolicy } from '../../policies/policy.js';
import { configuredPolicy } from '../../scenario/asynchronous.js';
import type { RunConfiguration } from '../../scenario/configuration.js';
import { compileDamping } from '../../scenario/damping.js';
import { type LiePlan, planLies } from './lies.js';

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
  readonly lies: LiePlan;
}

/** Adds an asynchronous run's regions. Throws a PreconditionError for what the policy or its rule needs and hasn't got, unless `allowUnsafe`. */
export function planAsynchronous(plan: ArenaPlan, configuration: RunConfiguration, d: number, rowStride: number): AsynchronousLayout {
  const { workers: n, seed, aggregator } = configuration;
  const { policy, parameters, damping } = configuredPolicy(configuration);
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
    ...plan.addAll('asynchronous', { otherRows: f32(n * rowStride), versions: f32((n + 2) * rowStride) }),
  };
}

/** The tables of the phases in which workers compute ahead: for `WorkerRegions`. */
export function pendingRequests(workers: number) {
  return { pending: u32(workers), begun: u32(workers) };
}
