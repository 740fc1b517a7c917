import { ArenaPlan } from '../../lib/memory/arena.js';
import { addressOf, f32 } from '../../lib/memory/regions.js';
import { planPipeline, type Pipeline } from '../../lib/pipeline/pipeline.js';
import { openWorkspace } from '../../lib/pipeline/workspace.js';
import type { Policy, Verdict } from '../../lib/policies/policy.js';
import { mergeParameters, type Named } from '../../lib/registry/parameters.js';

export interface Sent {
  readonly worker: number;
  readonly row: ArrayLike<number>;
  /** 0 by default, as `now`. */
  readonly version?: number;
  readonly now?: number;
  readonly parameters?: ArrayLike<number>;
}

export interface Setting {
  readonly n: number;
  readonly f: number;
  readonly d: number;
  readonly named: Named;
  readonly rule?: Named;
  readonly damping?: (staleness: number) => number;
  /** The server's own gradients, one each time that it is asked for one. */
  readonly server?: { readonly learningRate: number; readonly gradients: readonly (readonly number[])[] };
}

/** Hands a policy arrivals one after another; gives each verdict with a copy of its direction. */
export function arrivals(policy: Policy, { n, f, d, named, rule = { name: 'mean' }, damping, server }: Setting, sent: readonly Sent[]) {
  const plan = new ArenaPlan();
  const rowStride = Math.ceil(d / 16) * 16;
  // Two places for each worker, as in a run: what it sent last stays.
  const rows = plan.add('rows', f32(2 * n * rowStride));
  const parameters = plan.add('parameters', f32(sent.length * rowStride));
  const trusted = plan.add('trusted', f32(d));
  const shape = { n, f, d };
  const resolved = policy.resolve(mergeParameters(policy, named), shape);
  const planned = policy.plan(plan, {
    ...shape,
    parameters: resolved,
    seed: 1,
    rowStride,
    pipeline: (owner, count): Pipeline => planPipeline(plan, `${owner}/aggregation`, { preaggregators: [], aggregator: { ...rule, f }, allowUnsafe: false }, count, d),
    damping: damping ?? (() => 1),
    damped: damping !== undefined,
  });
  const { arena, run } = openWorkspace(plan, 2 * n + sent.length);
  new Uint8Array(arena.buffer, 65_536, plan.bytes - 65_536).fill(0);
  const policyRun = planned.open(arena);
  let asked = 0;
  const access = server && {
    learningRate: server.learningRate,
    // eslint-disable-next-line require-yield
    *trustedRow() {
      arena.view(trusted).set(server.gradients[asked++]!);
      return trusted.address;
    },
    // eslint-disable-next-line require-yield
    *scores() {
      return new Float64Array();
    },
  };
  const turns = new Array<number>(n).fill(0);
  return sent.map(({ worker, row, version = 0, now = 0, parameters: used = [] }, place): Verdict & { readonly values?: number[] } => {
    turns[worker] = 1 - turns[worker]!;
    const address = addressOf(rows, (2 * worker + turns[worker]) * rowStride);
    arena.row(address, d).set(row);
    const usedAddress = addressOf(parameters, place * rowStride);
    arena.row(usedAddress, d).set(used);
    const verdict = run(policyRun.arrive({ worker, row: address, version, now, parameters: usedAddress, server: access }));
    return verdict.kind === 'step' ? { ...verdict, values: Array.from(arena.row(verdict.direction, d)) } : verdict;
  });
}

export function kinds(verdicts: readonly Verdict[]): string[] {
  return verdicts.map(({ kind }) => kind);
}
