/**
 * Keyed random streams. Nothing draws from a shared generator: each use has a stream of its own, keyed by what it is for, so
 * a result can't depend on who drew first. The generator is xoshiro128** (Blackman and Vigna 2018), seeded through the
 * 32-bit finalizer of MurmurHash3 (Appleby) over the key; integers only, so its bits are the same on every machine.
 */

/** What a stream is for; part of its key, so no two uses share one. */
export type Purpose =
  | 'partition' | 'placement' | 'initialisation' | 'attack' | 'aggregator' | 'digits' | 'dropout' | 'augmentation' | 'speed' | 'server' | 'module' | 'sparse' | 'hogwild' | 'inspection' | 'backdoor';

const PURPOSES: Readonly<Record<Purpose, number>> = {
  partition: 1,
  placement: 2,
  initialisation: 3,
  attack: 4,
  aggregator: 5,
  digits: 6,
  dropout: 7,
  augmentation: 8,
  speed: 9,
  server: 10,
  module: 11,
  sparse: 21,
  hogwild: 22,
  inspection: 23,
  backdoor: 31,
};

export class Stream {
  readonly #state = new Uint32Array(4);
  #spare: number | undefined;

  /** `seed`: a whole number from 0 to 2⁵³ − 1. `worker` and `round` may be any whole number below 2³². */
  constructor(seed: number, purpose: Purpose, worker = 0, round = 0) {
    let hash = 0x9e3779b9;
    for (const word of [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0, PURPOSES[purpose], worker >>> 0, round >>> 0]) {
      hash = finalize(Math.imul(hash ^ finalize((word + 0x9e3779b9) | 0), 0x01000193) + 0x6d2b79f5);
    }
    for (let i = 0; i < 4; i++) {
      hash = (hash + 0x9e3779b9) | 0;
      this.#state[i] = finalize(hash);
    }
    // An all-zero state would stay zero for ever.
    if (this.#state.every((word) => word === 0)) this.#state[0] = 1;
  }

  /** Where the generator stands, 4 words: for a kernel that draws in this stream's place. It puts back where it left off. */
  get state(): Uint32Array {
    return this.#state.slice();
  }

  set state(words: Uint32Array) {
    this.#state.set(words);
  }

  /** A uniform 32-bit unsigned integer. */
  uint32(): number {
    const state = this.#state as unknown as [number, number, number, number];
    const s1 = state[1];
    const result = Math.imul(rotate(Math.imul(s1, 5), 7), 9) >>> 0;
    const shifted = s1 << 9;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotate(state[3], 11);
    return result;
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    return ((this.uint32() >>> 5) * 67_108_864 + (this.uint32() >>> 6)) / 9_007_199_254_740_992;
  }

  /** A uniform whole number from 0 to `bound` − 1, without bias. Throws a RangeError unless `bound` is a whole number from 1 to 2³². */
  below(bound: number): number {
    if (!(Number.isInteger(bound) && bound >= 1 && bound <= 2 ** 32)) throw new RangeError(`a bound of ${bound}; a whole number from 1 to 2^32 is needed`);
    if (bound === 2 ** 32) return this.uint32();
    // Unsigned 32-bit throughout: the remainder of doubles takes several times as long.
    const divisor = bound >>> 0;
    for (;;) {
      const draw = this.uint32();
      // What is beyond the greatest multiple of the bound is drawn again. That is above 2³² − bound, and only there is the remainder of 2³² asked for.
      if (draw <= (-divisor >>> 0) || draw <= 0xffff_ffff - ((-divisor >>> 0) % divisor)) return (draw >>> 0) % divisor;
    }
  }

  /** A standard normal deviate, by Marsaglia's polar method (log and sqrt only: no sine, whose bits differ between engines). */
  normal(): number {
    if (this.#spare !== undefined) {
      const spare = this.#spare;
      this.#spare = undefined;
      return spare;
    }
    for (;;) {
      const u = 2 * this.uniform() - 1;
      const v = 2 * this.uniform() - 1;
      const s = u * u + v * v;
      if (s >= 1 || s === 0) continue;
      // V8 has its own fdlibm logarithm: the same bits on Node 20, 22 and 24.
      const factor = Math.sqrt((-2 * Math.log(s)) / s);
      this.#spare = v * factor;
      return u * factor;
    }
  }

  /** Shuffles in place (Fisher and Yates), every order equally likely. */
  shuffle<T extends { [index: number]: number; readonly length: number }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const item = items[i] as number;
      items[i] = items[j] as number;
      items[j] = item;
    }
    return items;
  }
}

/** MurmurHash3's 32-bit finalizer: every input bit changes every output bit with probability near ½. */
function finalize(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
