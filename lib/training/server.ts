import type { ServerAccess, ServerNeed } from '../aggregators/server-access.js';
import { address, encode, number } from '../kernels/arguments.js';
import type { Work } from '../kernels/task.js';
import { weightedSum } from '../kernels/work.js';
import type { Arena, ArenaPlan } from '../memory/arena.js';
import { addressOf, f32, f64, type Region, u32 } from '../memory/regions.js';
import type { HostedOperation } from './thread-task.js';

/** Server samples of one block, whose gradient or loss is taken at once: fixed, so that sums don't depend on the threads. */
export const SERVER_BLOCK = 200;

/** What a thread is told that takes the server's losses: rows to make steps along, and how far. */
export const SERVER_LOSS = { table: address, n: number, gamma: number };

/** The server's samples and what is made of them: all that a thread has to know. */
export interface ServerSetup {
  /** Numbers of the training samples that no worker has. */
  readonly indices: Region<'u32'>;
  /** One row a block of samples, `rowStride` apart: the gradient of the block's mean loss. Length 0 unless a rule needs it. */
  readonly gradients: Region<'f32'>;
  /** The loss after a step along each row, then the loss where the parameters are. Length 0 unless a rule needs them. */
  readonly losses: Region<'f64'>;
}

export interface ServerPlan extends ServerSetup {
  readonly table: Region<'u32'>;
  readonly weights: Region<'f64'>;
  /** Their mean, when there are several blocks. */
  readonly trusted: Region<'f32'>;
  readonly d: number;
  readonly rowStride: number;
}

/** Plans what the server needs for its samples and its rule; `n`: the most rows that reach the rule. */
export function planServer(plan: ArenaPlan, samples: number, needs: ServerNeed | undefined, n: number, d: number, rowStride: number): ServerPlan {
  const blocks = Math.ceil(samples / SERVER_BLOCK);
  const rows = needs === 'trusted-row' ? blocks : 0;
  return {
    ...plan.addAll('server', {
      indices: u32(samples),
      gradients: f32(rows * rowStride),
      losses: f64(needs === 'score' ? n + 1 : 0),
      table: u32(rows),
      weights: f64(rows),
      trusted: f32(rows > 1 ? d : 0),
    }),
    d,
    rowStride,
  };
}

/**
 * The server in a run: its gradient and losses are taken by the threads, which have the model and the samples, and take the parameters where the run's are.
 * `publish` puts the server's there first, where it keeps them elsewhere.
 */
export function serverAccess(plan: ServerPlan, arena: Arena, learningRate: number, publish?: () => Work): ServerAccess {
  const { indices, gradients, losses, table, weights, trusted, d, rowStride } = plan;
  const samples = indices.length;
  const blocks = table.length;
  return {
    learningRate,
    *trustedRow() {
      if (publish !== undefined) yield* publish();
      yield { hosted: 'serverGradient' satisfies HostedOperation, arguments: [], chunks: blocks, cost: samples * d };
      if (blocks === 1) return gradients.address;
      arena.view(table).set(Array.from({ length: blocks }, (_, block) => addressOf(gradients, block * rowStride)));
      arena.view(weights).set(Array.from({ length: blocks }, (_, block) => blockSize(samples, block) / samples));
      yield* weightedSum({ table: table.address, n: blocks, d }, weights, trusted.address);
      return trusted.address;
    },
    *scores(rows, gamma) {
      const { n } = rows;
      if (publish !== undefined) yield* publish();
      yield { hosted: 'serverLoss' satisfies HostedOperation, arguments: encode(SERVER_LOSS, { table: rows.table, n, gamma }), chunks: n + 1, cost: (n + 1) * samples * d };
      const found = arena.view(losses);
      const before = found[n] as number;
      return Float64Array.from(found.subarray(0, n), (after) => before - after);
    },
  };
}

/** Samples of a block: the last one may be smaller. */
export function blockSize(samples: number, block: number): number {
  return Math.min(SERVER_BLOCK, samples - block * SERVER_BLOCK);
}
