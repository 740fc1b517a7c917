import { ATTACKER_BLOCK, blockOf } from '../attacks/attacker-blocks.js';
import type { AttackerTraining, TrainingNeed } from '../attacks/attacker-training.js';
import { Stream } from '../data/random.js';
import { address, encode, number } from '../kernels/arguments.js';
import type { Arena, ArenaPlan } from '../memory/arena.js';
import { addressOf, f32, f64, type Address, type Region, u32 } from '../memory/regions.js';
import type { LayerSpecification } from '../models/layer.js';
import { parameterTensors, type Tensor } from '../models/tensors.js';
import { EVALUATION_BATCH } from './evaluation-batch.js';
import type { HostedOperation } from './thread-task.js';

/** What a thread is told that takes a gradient of the attacker's batch. */
export const ATTACKER_GRADIENT = { model: address, first: number, count: number, planted: number, blocks: number, step: number, round: number, plantedBefore: number };

/** And one that asks what the model makes of the attacker's images. */
export const ATTACKER_OUTCOME = { model: address, images: number };

/** The attacker's own training, as far as a thread has to know it. */
export interface AttackerSetup {
  /** Numbers of the training samples that it trains on, in order. */
  readonly order: Region<'u32'>;
  /** One row a block of its batch. */
  readonly gradients: Region<'f32'>;
  /** For each chunk of its images: Σ loss, wanted answers. */
  readonly outcomes: Region<'f64'>;
}

export interface AttackerPlan extends AttackerSetup {
  readonly tensors: readonly Tensor[];
  readonly d: number;
  readonly rowStride: number;
}

/** Plans what threads need to take the attacker's gradients. */
export function planAttacker(plan: ArenaPlan, { images, batchSize }: TrainingNeed, layers: readonly LayerSpecification[], d: number, rowStride: number): AttackerPlan {
  return {
    ...plan.addAll('attacker', {
      order: u32(images),
      gradients: f32(Math.ceil(batchSize / ATTACKER_BLOCK) * rowStride),
      outcomes: f64(2 * Math.ceil(images / EVALUATION_BATCH)),
    }),
    tensors: parameterTensors(layers),
    d,
    rowStride,
  };
}

/** The round in which the attacker trains, and what there is to train on. */
export interface AttackerRound {
  readonly learningRate: number;
  readonly parameters: Address;
  /** Training samples of the corrupted workers. */
  readonly own: Uint32Array;
  /** Chosen training images that are the trigger; none where a pattern is. */
  readonly chosen: Uint32Array;
  readonly seed: number;
  readonly round: number;
}

/** The attacker in one round: images are drawn here, gradients taken by the threads, which have the model and the samples. */
export function attackerTraining(plan: AttackerPlan, arena: Arena, { learningRate, parameters, own, chosen, seed, round }: AttackerRound): AttackerTraining {
  const { order, gradients, outcomes, tensors, d, rowStride } = plan;
  let images = 0;
  return {
    learningRate,
    parameters,
    tensors,
    draw({ redrawn, mixed }) {
      const drawn = !mixed && chosen.length > 0 ? chosen.slice(0, order.length) : someOf(own, order.length, new Stream(seed, 'backdoor', 0, redrawn ? round : 0));
      arena.view(order).set(drawn);
      images = drawn.length;
      return images;
    },
    *gradient(model, { first, count, planted, plantedBefore, step }) {
      const blocks = Math.ceil(count / ATTACKER_BLOCK);
      yield { hosted: 'attackerGradient' satisfies HostedOperation, arguments: encode(ATTACKER_GRADIENT, { model, first, count, planted, blocks, step, round, plantedBefore }), chunks: blocks, cost: count * d };
      return Array.from({ length: blocks }, (_, block) => {
        const [begin, end] = blockOf(count, blocks, block);
        return { row: addressOf(gradients, block * rowStride), share: (end - begin) / count };
      });
    },
    *outcome(model) {
      const chunks = Math.ceil(images / EVALUATION_BATCH);
      yield { hosted: 'attackerOutcome' satisfies HostedOperation, arguments: encode(ATTACKER_OUTCOME, { model, images }), chunks, cost: images * d };
      let [loss, wanted] = [0, 0];
      const found = arena.view(outcomes);
      for (let chunk = 0; chunk < chunks; chunk++) {
        loss += found[2 * chunk] as number;
        wanted += found[2 * chunk + 1] as number;
      }
      return { loss: loss / images, success: wanted / images };
    },
  };
}

/** `count` of the items, which are no fewer, every choice and order equally likely. */
function someOf(items: Uint32Array, count: number, random: Stream): Uint32Array {
  const left = items.slice();
  for (let i = 0; i < count; i++) {
    const j = i + random.below(left.length - i);
    const item = left[i] as number;
    left[i] = left[j] as number;
    left[j] = item;
  }
  return left.subarray(0, count);
}
