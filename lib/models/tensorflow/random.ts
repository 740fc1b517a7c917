import type { Stream } from '../../data/random.js';

/** TensorFlow.js seeds whatever it draws from `Math.random`: while the work runs, that draws from the stream. Nothing else may run in the thread meanwhile. */
export async function drawingFrom<Result>(stream: Stream, work: () => Result | Promise<Result>): Promise<Result> {
  const restore = replaceRandom(stream);
  try {
    return await work();
  } finally {
    restore();
  }
}

/** The same for work that ends before it returns; without a stream nothing is replaced. */
export function drawingNowFrom<Result>(stream: Stream | undefined, work: () => Result): Result {
  const restore = stream === undefined ? undefined : replaceRandom(stream);
  try {
    return work();
  } finally {
    restore?.();
  }
}

function replaceRandom(stream: Stream): () => void {
  const { random } = Math;
  Math.random = () => stream.uniform();
  return () => { Math.random = random; };
}
