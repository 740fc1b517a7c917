import t from 'tap';
import { z } from 'zod';
import { expand, aggregate } from '../../lib/index.js';
import { mergeParameters } from '../../lib/registry/parameters.js';
import { ScenarioError } from '../../lib/scenario/problems.js';

const parameters = z.strictObject({ a: z.int().min(1).optional(), b: z.union([z.number(), z.literal('all')]).optional() });
const entry = { name: 'thing', parameters, presets: { first: { a: 1 }, second: { a: 2, b: 'all' as const } } };

t.test('the first preset applies unless another is named, and what is given overrides it', (t) => {
  t.strictSame(mergeParameters(entry, { name: 'thing' }), { a: 1 });
  t.strictSame(mergeParameters(entry, { name: 'thing', preset: 'second', b: 3 }), { a: 2, b: 3 });
  t.strictSame(mergeParameters(entry, { name: 'thing', a: undefined }), { a: 1 }, 'undefined counts as absent');
  t.strictSame(mergeParameters(entry, { name: 'thing', f: 3 }, { beside: ['f'] }), { a: 1 });
  t.end();
});

t.test('a parameter of its own is one, also where others have it beside', (t) => {
  t.strictSame(mergeParameters({ name: 'x', parameters: z.strictObject({ f: z.number() }) }, { name: 'x', f: 3 }, { beside: ['f'] }), { f: 3 });
  t.end();
});

t.test('all that is wrong is said, with its place', (t) => {
  t.throws(() => mergeParameters(entry, { name: 'thing', a: 0, b: 'al', c: 1 }), {
    name: 'ParameterError',
    problems: [{ path: 'thing.a', message: /at least 1/ }, { path: 'thing.b', message: /a number or "all"/ }, { path: 'thing.c', message: /unknown key "c"; allowed: name, preset, a, b/ }],
  });
  t.throws(() => mergeParameters(entry, { name: 'thing', preset: 'frist' }, { path: 'x' }), { message: 'x.preset: "frist" is no preset of thing; allowed: first, second; the nearest is "first"' });
  t.throws(() => mergeParameters({ name: 'bare', parameters: z.strictObject({}) }, { name: 'bare', preset: 'x' }), { message: 'bare.preset: "x" is no preset of bare; bare has no presets' });
  t.throws(() => mergeParameters(entry, { name: 'thing', preset: 3 as unknown as string }), { message: /3 is no preset/ });
  t.end();
});

t.test('the library and scenarios refuse a parameter in the same words', (t) => {
  const message = (run: () => unknown): string => {
    try {
      run();
      return 'was not refused';
    } catch (error) {
      return error instanceof ScenarioError ? (error.problems[0]?.message ?? '') : (error as Error).message.replace(/^[a-z.-]+: /, '');
    }
  };
  for (const rule of ['krumm', { name: 'krum', c: 'x' }, { name: 'krum', p: 9 }, { name: 'krum', preset: 'mine' }, { name: 'bulyan', keep: null }]) {
    const byLibrary = message(() => aggregate(rule, [new Float32Array(1)]));
    t.equal(byLibrary, message(() => expand({ workers: 9, dataset: 'digits', model: 'mlp', aggregator: rule })), JSON.stringify(rule));
    t.not(byLibrary, 'was not refused');
  }
  t.end();
});
