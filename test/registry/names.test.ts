import t from 'tap';
import { allowedNames, show } from '../../lib/registry/names.js';

const nearest = (given: string, known: readonly string[]): string | undefined => /; the nearest is "(.*)"$/.exec(allowedNames(given, known))?.[1];

t.test('the nearest name is the one that begins so, or else the one with the fewest edits, where at most half of it changes', (t) => {
  const known = ['mean', 'median', 'trimmed-mean', 'krum', 'multi-krum', 'bulyan'];
  for (const [given, expected] of [
    ['krumm', 'krum'], ['MEAN', 'mean'], ['medin', 'median'], ['multi', 'multi-krum'], ['tri', 'trimmed-mean'], ['multikrum', 'multi-krum'],
    ['__proto__', undefined], ['mkur', undefined], ['emdian', 'median'], ['', undefined], ['x', undefined], ['k', undefined], ['geometric', undefined], ['x'.repeat(1e6), undefined],
  ] as const) t.equal(nearest(given, known), expected, given.slice(0, 20));
  t.equal(nearest('F', ['n', 'f']), 'f');
  t.end();
});

t.test('the names are introduced as asked', (t) => {
  t.equal(allowedNames('x', ['abc', 'def']), 'allowed: abc, def');
  t.equal(allowedNames('abd', ['abc', 'def'], 'scenarios'), 'scenarios: abc, def; the nearest is "abc"');
  t.equal(allowedNames('x', []), 'none is allowed here');
  t.end();
});

t.test('any value can be shown', (t) => {
  const cycle: unknown[] = [];
  cycle.push(cycle);
  for (const [value, expected] of [
    [Number.NaN, 'NaN'], [-0.5, '-0.5'], ['a"b', '"a\\"b"'], [[1, { a: null }], '[1,{"a":null}]'], [undefined, 'undefined'], [null, 'null'],
    [() => 1, 'function'], [10n, 'bigint'], [cycle, 'an object'], ['x'.repeat(100), `"${'x'.repeat(76)}…`],
  ] as const) t.equal(show(value), expected);
  t.end();
});
