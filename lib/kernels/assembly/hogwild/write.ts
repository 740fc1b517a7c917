/** What a Byzantine worker writes straight into the shared parameters: no lock, no gradient. */
import { awaitTurn, countProgress, passTurn } from './discipline';
import { disciplineOf, endedOf, lockOf, noiseMaskOf, noiseOf, offsetsOf, orderOf, parametersOf, ROUND_ROBIN, strideOf, verticesOf, widthOf } from './job';

/**
 * At every vertex of the edges at positions first, first + every, … below end: with `add`, `size` times a normal deviate of the table is added to
 * each value of its block; else each becomes `size`. It takes its turn where there are turns, or nobody would get any after it.
 */
export function hogwildWrite(job: usize, first: u32, end: u32, every: u32, add: bool, size: f32): u32 {
  const shared = parametersOf(job);
  const order = orderOf(job);
  const offsets = offsetsOf(job);
  const vertices = verticesOf(job);
  const width = widthOf(job);
  const stride = strideOf(job);
  const noise = noiseOf(job);
  const mask = noiseMaskOf(job);
  const turns = disciplineOf(job) == ROUND_ROBIN;
  let updates: u32 = 0;
  for (let position = first; position < end; position += every) {
    const edge = load<u32>(order + (<usize>position << 2));
    const begin = offsets == 0 ? edge << 1 : load<u32>(offsets + (<usize>edge << 2));
    const last = offsets == 0 ? begin + 2 : load<u32>(offsets + (<usize>edge << 2), 4);
    if (turns && !awaitTurn(lockOf(job), position, endedOf(job))) break;
    for (let entry = begin; entry < last; entry++) {
      const block = shared + (<usize>(load<u32>(vertices + (<usize>entry << 2)) * stride) << 2);
      for (let k: u32 = 0; k < width; k++) {
        const at = block + (<usize>k << 2);
        if (add) store<f32>(at, load<f32>(at) + size * load<f32>(noise + (<usize>((entry * width + k + position * 31) & mask) << 2)));
        else store<f32>(at, size);
      }
    }
    if (turns) passTurn(lockOf(job), position);
    updates++;
    countProgress(job);
  }
  return updates;
}
