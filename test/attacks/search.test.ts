import fc from 'fast-check';
import t from 'tap';
import { greatestAllowed, greatestAt } from '../../lib/attacks/search.js';
import type { Work } from '../../lib/kernels/task.js';

/** The answer of a search, and where it looked. */
function search<Value>(run: (value: (factor: number) => Work<Value>) => Work<number>, value: (factor: number) => Value): { found: number; places: number[] } {
  const places: number[] = [];
  // eslint-disable-next-line require-yield -- what is searched asks for no task
  const step = run(function* (factor) {
    places.push(factor);
    return value(factor);
  }).next();
  if (step.done !== true) throw new Error('a task without a value');
  return { found: step.value, places };
}

const greatest = (max: number, evaluations: number, value: (factor: number) => number) => search<number>((ask) => greatestAt(max, evaluations, ask), value);
const allowed = (first: number, limit: number, tries: number, allow: (factor: number) => boolean) => search<boolean>((ask) => greatestAllowed(first, limit, tries, ask), allow);

t.test('as many factors are tried as may be, none twice, all in (0, max], and the best of them is found', async () => {
  fc.assert(fc.property(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), fc.integer({ min: 1, max: 60 }), fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 7, maxLength: 7 }), (max, evaluations, values) => {
    // A step function with ties.
    const value = (factor: number): number => values[Math.floor((6.999 * factor) / max)]!;
    const { found, places } = greatest(max, evaluations, value);
    const best = Math.max(...places.map(value));
    return (
      places.length === evaluations && new Set(places).size === evaluations && places.every((factor) => factor > 0 && factor <= max) &&
      found === Math.min(...places.filter((factor) => value(factor) === best))
    );
  }));
});

t.test('a single peak is found, whatever its place', async () => {
  fc.assert(fc.property(fc.double({ min: 0.03, max: 10, noNaN: true }), (peak) => Math.abs(greatest(10, 40, (factor) => -((factor - peak) ** 2)).found - peak) < 1e-3 * Math.max(0.2, peak)));
});

t.test('a fall at the end of a rise is approached from below', async () => {
  fc.assert(fc.property(fc.double({ min: 0.03, max: 9.9, noNaN: true }), (edge) => {
    const { found } = greatest(10, 30, (factor) => (factor <= edge ? factor : 0.01));
    return found <= edge && found > 0.98 * edge;
  }));
});

t.test('what is no number is never best, and of nothing but such the smallest factor is the answer', async (t) => {
  t.ok(greatest(10, 12, (factor) => (factor > 5 ? NaN : factor)).found <= 5);
  const { found, places } = greatest(8, 9, () => NaN);
  t.equal(found, Math.min(...places));
});

t.test('the greatest allowed factor is found to within what so many halvings leave', async () => {
  fc.assert(fc.property(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), fc.double({ min: 0.02, max: 100, noNaN: true }), (first, ratio) => {
    const limit = first * ratio;
    const { found, places } = allowed(first, 1e30, 40, (factor) => factor <= limit);
    return places.length <= 40 && found <= limit && found > limit * (1 - 1e-6);
  }));
});

t.test('nothing allowed gives 0, everything the limit or what so many doublings reach, and NaN is not tried', async (t) => {
  t.same(allowed(1, 100, 5, () => false), { found: 0, places: [1, 0.5, 0.25, 0.125, 0.0625] });
  t.same(allowed(1, 100, 4, () => true), { found: 8, places: [1, 2, 4, 8] });
  t.same(allowed(1, 6, 9, () => true), { found: 6, places: [1, 2, 4, 6] });
  t.same(allowed(7, 6, 9, () => true), { found: 6, places: [6] });
  t.same(allowed(NaN, 6, 9, () => true), { found: 0, places: [] });
  t.same(allowed(0, 6, 9, () => true), { found: 0, places: [] });
});
