import t from 'tap';
import { AGGREGATORS } from '../../lib/aggregators/registry.js';
import { ArenaPlan } from '../../lib/memory/arena.js';
import { planPipeline } from '../../lib/pipeline/pipeline.js';
import { checkRun } from '../../lib/scenario/check.js';
import { expand } from '../../lib/scenario/expand.js';
import { refusal } from './refusal.js';

const BASE = { workers: 51, byzantine: 12, dataset: 'digits', model: 'mlp', aggregator: 'mean' };

t.test('a broken precondition is refused with its inequality, its figures and its source', (t) => {
  t.match(refusal({ ...BASE, byzantine: 25, aggregator: 'krum' }), { aggregator: /n ≥ 2f \+ 3.*Blanchard.*n = 51, f = 25.*"allowUnsafe": true/ });
  t.match(refusal({ ...BASE, byzantine: 13, aggregator: 'bulyan' }), { aggregator: /n ≥ 4f \+ 3.*n = 51, f = 13/ });
  t.strictSame(refusal({ ...BASE, byzantine: 24, aggregator: 'krum' }), {});
  t.strictSame(refusal({ ...BASE, byzantine: 12, aggregator: 'bulyan' }), {});
  t.end();
});

t.test('it goes by what the rule is told, not by who lies', (t) => {
  t.strictSame(refusal({ ...BASE, byzantine: 25, aggregator: { name: 'krum', f: 10 } }), {});
  t.match(refusal({ ...BASE, byzantine: 1, aggregator: { name: 'krum', f: 25 } }), { aggregator: /f = 25/ });
  t.end();
});

t.test('allowUnsafe runs it anyway, and what it breaks is still told', (t) => {
  const [run] = expand({ ...BASE, byzantine: 25, aggregator: 'krum', allowUnsafe: true });
  t.match(checkRun(run!.configuration, 79_510).broken, [{ path: 'aggregator', message: /n ≥ 2f \+ 3/ }]);
  t.strictSame(checkRun(expand(BASE)[0]!.configuration, 79_510), { broken: [], impossible: [], warnings: [] });
  t.end();
});

t.test('allowUnsafe does not run what leaves nothing to compute', (t) => {
  t.match(refusal({ ...BASE, aggregator: { name: 'krum', c: 39 }, allowUnsafe: true }), { aggregator: /./ });
  t.match(refusal({ ...BASE, aggregator: { name: 'mean-around-median', keep: 52 }, allowUnsafe: true }), { aggregator: /keep = 52/ });
  t.end();
});

t.test('a value that float32 can’t hold is refused where it is the row, and warned of where it is a factor of rows', (t) => {
  for (const attack of [{ name: 'gaussian', mean: -1e300 }, { name: 'gaussian', sigma: 1e39 }, { name: 'constant', value: 1e39 }]) {
    t.match(refusal({ ...BASE, attack }), { attack: /the greatest float32.*the attack "inf"/ }, JSON.stringify(attack));
  }
  for (const attack of [{ name: 'sign-flip', scale: 1e308 }, { name: 'alie', z: -1e308 }, { name: 'ipm', epsilon: 1e39 }, { name: 'model-replacement', gamma: 1e39 }]) {
    const [run] = expand({ ...BASE, attack });
    t.match(checkRun(run!.configuration).warnings, [/not finite: the greatest float32/], JSON.stringify(attack));
  }
  for (const attack of [{ name: 'gaussian', mean: 3.4e38 }, { name: 'sign-flip', scale: 3.4e38 }, { name: 'model-replacement', gamma: 1e39, bound: 1 }]) {
    t.strictSame(checkRun(expand({ ...BASE, attack })[0]!.configuration).warnings, [], JSON.stringify(attack));
  }
  t.end();
});

t.test('a rule is checked on the rows that reach it', (t) => {
  const bucketed = { ...BASE, preaggregators: ['bucketing'], aggregator: 'krum' };
  t.match(refusal(bucketed), { aggregator: /krum needs n ≥ 2f \+ 3 \(Blanchard et al\. 2017\): n = 26, f = 12; "allowUnsafe": true/ });
  t.strictSame(refusal({ ...bucketed, byzantine: 11 }), {});
  t.strictSame(refusal({ ...bucketed, preaggregators: [{ name: 'bucketing', s: 1 }, 'nnm', 'arc', { name: 'clipping', C: 1 }] }), {});
  t.match(refusal({ ...bucketed, preaggregators: ['nnm', 'bucketing', 'bucketing'], byzantine: 6 }), { aggregator: /n = 13, f = 6/ });
  t.match(checkRun(expand({ ...bucketed, allowUnsafe: true })[0]!.configuration).broken, [{ path: 'aggregator', message: /n = 26, f = 12/ }]);
  t.match(refusal({ ...BASE, preaggregators: ['arc', 'nnm'], aggregator: { name: 'mean', f: 51 } }), { 'preaggregators.1': /nnm needs f < n, .*n = 51, f = 51/ });
  t.match(refusal({ ...BASE, preaggregators: ['clipping'] }), { 'preaggregators.0.C': /./ });
  t.end();
});

t.test("an attack's need of honest rows is checked", (t) => {
  t.match(refusal({ ...BASE, byzantine: 26, attack: 'anti-cge' }), { attack: /anti-cge needs 2f < n.*n = 51, f = 26/ });
  t.match(refusal({ ...BASE, byzantine: 50, attack: 'min-max' }), { attack: /at least 2 honest rows to see: n = 51, f = 50/ });
  t.match(refusal({ ...BASE, attack: { name: 'mimic', target: 39 } }), { attack: /target = 39/ });
  for (const attack of ['ipm', 'mimic', 'min-max', 'min-sum', 'anti-cge']) t.strictSame(refusal({ ...BASE, attack }), {});
  t.end();
});

t.test('every run of a grid is checked', (t) => {
  t.match(refusal({ ...BASE, grid: { aggregator: ['mean', 'krum'], 'byzantine': [12, 25] } }), { aggregator: /n ≥ 2f \+ 3.*f = 25/ });
  t.end();
});

t.test('a mode in which no rule sees what workers send is warned of when some are Byzantine', (t) => {
  const warnings = (byzantine: number) => checkRun(expand({ ...BASE, byzantine, aggregator: 'none', momentum: 'none', mode: 'downpour', attack: 'sign-flip' })[0]!.configuration).warnings;
  t.match(warnings(1), [/^mode: Downpour SGD has no protection/]);
  t.match(warnings(0), [/no worker is Byzantine/]);
  t.end();
});

t.test('an attack that changes nothing is warned of', (t) => {
  const warnings = (change: object): readonly string[] => checkRun(expand({ ...BASE, ...change })[0]!.configuration).warnings;
  t.match(warnings({ byzantine: 0, attack: 'alie' }), [/no worker is Byzantine, so alie changes nothing/]);
  t.match(warnings({ attack: { name: 'alie', start: 100 } }), [/alie starts in round 100, and the last round is 99/]);
  t.match(warnings({ attack: { name: 'alie', z: '-t - 1' } }), [/negative/]);
  t.strictSame(warnings({ byzantine: 0, attack: 'none' }), []);
  t.match(warnings({ attack: { name: 'none', start: 5 } }), [/none changes nothing.*start/]);
  t.strictSame(warnings({ attack: 'alie' }), []);
  t.end();
});

t.test('an expression is tried only in the rounds of the attack', (t) => {
  const attack = { name: 'alie', z: '1 / (t - 50)' };
  t.match(refusal({ ...BASE, attack }), { 'attack.z': /t = 50/ });
  t.strictSame(refusal({ ...BASE, attack: { ...attack, start: 51 } }), {});
  t.strictSame(refusal({ ...BASE, attack: { ...attack, stop: 50 } }), {});
  t.end();
});

t.test("an attack's precondition is checked in every round of the attack", (t) => {
  const sigma = { name: 'gaussian', sigma: '1 - t' };
  t.match(refusal({ ...BASE, attack: sigma }), { attack: /in round 2, gaussian needs sigma ≥ 0: sigma = -1$/ });
  t.match(refusal({ ...BASE, rounds: 5, attack: { name: 'constant', value: '10^(39*t)' } }), { attack: /in round 1, constant needs .*1e\+39/ });
  t.strictSame(refusal({ ...BASE, attack: { ...sigma, stop: 2 } }), {});
  t.strictSame(refusal({ ...BASE, attack: sigma, rounds: 2 }), {});
  t.match(refusal({ ...BASE, attack: sigma, allowUnsafe: true }), { attack: /sigma = -1; allowUnsafe can't lift this/ });
  t.match(refusal({ ...BASE, attack: { name: 'gaussian', sigma: -1 } }), { attack: /^gaussian needs/ }, 'what never changes names no round');
  t.end();
});

t.test('an attack is warned of from the first round that gives cause', (t) => {
  const [run] = expand({ ...BASE, attack: { name: 'alie', z: '3 - t' } });
  t.match(checkRun(run!.configuration).warnings, [/^attack: in round 4, alie's z is -1.000: negative/]);
  t.end();
});

t.test('what is refused here is what planning the rule refuses, in the same words', (t) => {
  const [run] = expand(BASE);
  let broken = 0;
  for (const { name } of AGGREGATORS) {
    for (let workers = 1; workers <= 16; workers++) {
      for (let f = 0; f < workers; f++) {
        const configuration = { ...run!.configuration, workers, aggregator: { name, f } };
        const [told] = checkRun(configuration, 10).broken;
        const planned = messageOf(() => planPipeline(new ArenaPlan(), 'x', configuration, workers, 10));
        if (planned !== told?.message) t.equal(planned, told?.message, `${name}, n = ${workers}, f = ${f}`);
        if (planned !== undefined) broken += 1;
      }
    }
  }
  t.ok(broken > 100, `${broken} were refused`);
  t.end();
});

function messageOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
