import type { Work } from '../kernels/task.js';

/** The searches of attacks for a factor: each asks for a value a bounded number of times, and at places that follow from the values before. */

/** A factor of less than a millionth of the greatest one is no lie. */
const MOST_HALVINGS = 20;

const GOLDEN = (Math.sqrt(5) - 1) / 2;

interface Tried {
  readonly factor: number;
  readonly value: number;
}

/**
 * The factor in (0, max] at which `value` is greatest, as far as so many evaluations show; of equal ones the smallest, and NaN is the least.
 *
 * The first third of the evaluations (20 at most) goes to max, max/2, max/4 …, because how far a rule can be moved may fall at once where it starts to
 * ignore the row, and rises again for rules that ignore none. The others narrow, by golden section, what lies between the two
 * neighbours of the best of these. The answer is the best of all that were tried.
 */
export function* greatestAt(max: number, evaluations: number, value: (factor: number) => Work<number>): Work<number> {
  let best: Tried = { factor: max, value: -Infinity };
  const tryFactor = function* (factor: number): Work<Tried> {
    const found = yield* value(factor);
    const tried = { factor, value: Number.isNaN(found) ? -Infinity : found };
    if (tried.value > best.value || (tried.value === best.value && factor < best.factor)) best = tried;
    return tried;
  };

  const halvings = Math.min(MOST_HALVINGS, Math.ceil(evaluations / 3));
  let factor = max;
  for (let tried = 0; tried < halvings; tried++, factor /= 2) yield* tryFactor(factor);

  // The least of the factors tried has none below it but 0.
  let low = best.factor <= 2 * factor ? 0 : best.factor / 2;
  let high = Math.min(max, 2 * best.factor);
  let inner: Tried | undefined;
  let outer: Tried | undefined;
  for (let tried = halvings; tried < evaluations; tried++) {
    if (inner === undefined) inner = yield* tryFactor(high - GOLDEN * (high - low));
    else outer = yield* tryFactor(low + GOLDEN * (high - low));
    // At the start one of them is missing.
    if (outer === undefined) continue;
    if (inner.value >= outer.value) [high, outer, inner] = [outer.factor, inner, undefined];
    else [low, inner, outer] = [inner.factor, outer, undefined];
  }
  return best.factor;
}

/**
 * The greatest factor in (0, limit] found to be allowed with so many tries; 0 when none was. From `first` it is doubled for as long as it
 * is allowed; then what lies between the last one allowed (or 0) and the first one that is not is halved.
 */
export function* greatestAllowed(first: number, limit: number, tries: number, allowed: (factor: number) => Work<boolean>): Work<number> {
  let low = 0;
  let high = Infinity;
  let factor = Math.min(first, limit);
  // Written so that a NaN is no factor.
  for (let tried = 0; tried < tries && factor > low && factor < high; tried++) {
    if (yield* allowed(factor)) low = factor;
    else high = factor;
    factor = high === Infinity ? Math.min(2 * low, limit) : (low + high) / 2;
  }
  return low;
}
