import type { Work } from '../kernels/task.js';
import { addScaled, decayAndAdd } from '../kernels/work.js';
import type { Address } from '../memory/regions.js';
import type { Momentum } from '../scenario/configuration.js';

/** What the server's step reads and changes: d float32 each. */
export interface ServerMemory {
  readonly d: number;
  readonly parameters: Address;
  /** Only with momentum placed `server` or `update`. */
  readonly velocity: Address;
  readonly aggregate: Address;
}

/**
 * Moves the parameters once. Without momentum, or with the workers': θ ← θ − lr·a. `server`: v ← βv + (1 − dampening)·a,
 * θ ← θ − lr·v. `update`: v ← βv + lr·(1 − dampening)·a, θ ← θ − v, as the released code of Baruch et al. 2019 does.
 */
export function* serverStep({ d, parameters, velocity, aggregate }: ServerMemory, momentum: Momentum, learningRate: number): Work {
  if (momentum === 'none' || momentum.placement === 'worker') {
    yield* addScaled(d, -learningRate, aggregate, parameters);
    return;
  }
  const fresh = 1 - momentum.dampening;
  if (momentum.placement === 'server') {
    yield* decayAndAdd(d, momentum.beta, velocity, fresh, aggregate);
    yield* addScaled(d, -learningRate, velocity, parameters);
  } else {
    yield* decayAndAdd(d, momentum.beta, velocity, learningRate * fresh, aggregate);
    yield* addScaled(d, -1, velocity, parameters);
  }
}
