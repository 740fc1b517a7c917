/** Whose turn it is to load TensorFlow.js and make first calls: tfjs-node crashes when two threads make theirs at once. */
export interface Turn {
  /** One for the process: 0, or the holder. */
  readonly memory: SharedArrayBuffer;
  /** A pool that wants it; not 0. */
  readonly holder: number;
}

const MEMORY = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
let holders = 0;

/** A new pool's turn. On the main thread: elsewhere the memory is another. */
export function newTurn(): Turn {
  holders += 1;
  return { memory: MEMORY, holder: holders };
}

/** Does the work while no other thread does its own. Waits: not on the main thread. */
export async function inTurn<Result>({ memory, holder }: Turn, work: () => Promise<Result>): Promise<Result> {
  const held = new Int32Array(memory);
  for (;;) {
    const by = Atomics.compareExchange(held, 0, 0, holder);
    if (by === 0) break;
    Atomics.wait(held, 0, by);
  }
  try {
    return await work();
  } finally {
    Atomics.store(held, 0, 0);
    Atomics.notify(held, 0, 1);
  }
}

/** Takes the turn from a pool whose threads have ended: one that was ended within its turn can't hand it on. */
export function endTurn({ memory, holder }: Turn): void {
  const held = new Int32Array(memory);
  if (Atomics.compareExchange(held, 0, holder, 0) === holder) Atomics.notify(held, 0, 1);
}
