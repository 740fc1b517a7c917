import fc from 'fast-check';
import t from 'tap';
import { Stream } from '../../lib/data/random.js';
import { inspectActivations } from '../../lib/inspections/inspect-activations.js';
import { principalComponents } from '../../lib/inspections/principal-components.js';
import { meanSilhouette } from '../../lib/inspections/silhouette.js';
import { twoClusters } from '../../lib/inspections/two-clusters.js';
import { jacobi } from '../aggregators/jacobi.js';

const WIDTH = 12;

/** Normal points of variance 1 around the label's own corner, and for a share of one label around another label's. */
function samplesOf(classes: number, each: number, share: number, seed: number) {
  const random = new Stream(seed, 'digits');
  const samples = Array.from({ length: classes * each }, (_, sample) => {
    const label = sample % classes;
    const poisoned = label === 1 && random.uniform() < share;
    const corner = poisoned ? (label + 1) % classes : label;
    return { label, poisoned, activation: Float32Array.from({ length: WIDTH }, (_, unit) => random.normal() + (unit === corner ? 20 : 0)) };
  });
  return { activations: samples.map(({ activation }) => activation), labels: samples.map(({ label }) => label), poisoned: samples.map(({ poisoned }) => poisoned) };
}

t.test('samples of another class under one label are found, and no others', async (t) => {
  const { activations, labels, poisoned } = samplesOf(4, 150, 0.2, 3);
  const { report, suspected } = inspectActivations('activation-clustering', activations, labels, { poisoned });
  t.same(report.suspectedClasses, [1]);
  t.same(Array.from(suspected, Boolean), poisoned);
  t.match(report, { name: 'activation-clustering', samples: 600, suspectedSamples: poisoned.filter(Boolean).length, poisonedSamples: poisoned.filter(Boolean).length, precision: 1, recall: 1 });
  t.same(report.classes.map((one) => one.poisoned), [0, poisoned.filter(Boolean).length, 0, 0]);
  t.ok(report.classes[1]!.silhouette! > 0.6);
  t.ok(report.classes.every(({ label, silhouette }) => label === 1 || silhouette! < 0.3), 'round clouds are not two');
});

t.test('without the truth there is no precision; a clean model is not suspected; half of a label is not a small cluster', async (t) => {
  const clean = samplesOf(3, 100, 0, 5);
  const { report, suspected } = inspectActivations('activation-clustering', clean.activations, clean.labels);
  t.same(report.suspectedClasses, []);
  t.ok(suspected.every((flag) => flag === 0));
  t.notOk('precision' in report || 'recall' in report || 'poisonedSamples' in report || 'poisoned' in report.classes[0]!);
  const half = samplesOf(3, 100, 0.5, 5);
  const inHalf = inspectActivations('activation-clustering', half.activations, half.labels, { poisoned: half.poisoned }).report;
  t.ok(inHalf.classes[1]!.smaller > 0.35);
  t.same(inHalf.suspectedClasses, []);
  t.equal(inHalf.recall, 0);
  t.same(inspectActivations({ name: 'activation-clustering', size: 0.5, silhouette: 0.3 }, half.activations, half.labels).report.suspectedClasses, [1]);
});

t.test('the thresholds are the parameters', async (t) => {
  const { activations, labels } = samplesOf(3, 100, 0.2, 8);
  const smaller = inspectActivations('activation-clustering', activations, labels).report.classes[1]!.smaller;
  for (const [given, found] of [[{ size: smaller }, false], [{ size: smaller + 1e-9 }, true], [{ silhouette: 0.9 }, false], [{ components: 1 }, true]] as const) {
    t.equal(inspectActivations({ name: 'activation-clustering', ...given }, activations, labels).report.classes[1]!.suspected, found, JSON.stringify(given));
  }
});

t.test('principal components keep distances when all are kept, and have the covariance’s greatest eigenvalues as variances', async (t) => {
  const random = new Stream(2, 'digits');
  const points = Array.from({ length: 40 }, () => Float32Array.from({ length: 6 }, (_, unit) => random.normal() * (unit + 1) + (unit === 2 ? 1000 : 0)));
  const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number => Math.hypot(...Array.from(a, (value, k) => value - b[k]!));
  const all = principalComponents(points, 6)!;
  for (let i = 1; i < points.length; i++) t.ok(Math.abs(distance(all[i]!, all[i - 1]!) - distance(points[i]!, points[i - 1]!)) < 1e-9, `pair ${i}`);

  const means = Array.from({ length: 6 }, (_, unit) => points.reduce((sum, point) => sum + point[unit]!, 0) / points.length);
  const covariance = means.map((_, a) => means.map((__, b) => points.reduce((sum, point) => sum + (point[a]! - means[a]!) * (point[b]! - means[b]!), 0) / (points.length - 1)));
  const wanted = jacobi(covariance).values;
  const two = principalComponents(points, 2)!;
  for (const component of [0, 1]) {
    const variance = two.reduce((sum, point) => sum + point[component]! ** 2, 0) / (points.length - 1);
    t.ok(Math.abs(variance - wanted[component]!) < 1e-9 * wanted[0]!, `variance ${variance}, eigenvalue ${wanted[component]}`);
  }
});

t.test('units that are dead, samples that are equal or not finite, and labels of few samples are no reason to fail', async (t) => {
  const dead = samplesOf(3, 60, 0.2, 4);
  const withDead = dead.activations.map((activation) => Float32Array.of(0, ...activation, 7));
  t.same(inspectActivations('activation-clustering', withDead, dead.labels).suspected, inspectActivations('activation-clustering', dead.activations, dead.labels).suspected);
  const equal = Array.from({ length: 10 }, () => Float32Array.of(1, 2));
  const labels = [0, 0, 0, 0, 0, 0, 1, 1, 1, 3];
  t.match(inspectActivations('activation-clustering', equal, labels).report.classes, [{ samples: 6, smaller: 0, suspected: false }, { samples: 3 }, { samples: 0 }, { samples: 1 }]);
  t.same(inspectActivations('activation-clustering', equal.with(2, Float32Array.of(NaN, 1)), labels).report.suspectedClasses, []);
});

t.test('a label with activations that are NaN or infinite is not judged, and the report says so; the others are', async (t) => {
  const { activations, labels, poisoned } = samplesOf(4, 150, 0.2, 3);
  const broken = activations.map((activation, sample) => (sample === 2 || sample === 7 ? activation.with(3, sample === 2 ? NaN : -Infinity) : activation));
  const { report, suspected } = inspectActivations('activation-clustering', broken, labels, { poisoned });
  t.match(report, { suspectedClasses: [1], unjudgedClasses: [2, 3], nonFiniteSamples: 2, precision: 1 });
  t.same(report.classes.map(({ nonFinite }) => nonFinite), [undefined, undefined, 1, 1]);
  t.notOk('recall' in report, 'nobody knows what would have been found in these labels');
  t.same(Array.from(suspected, Boolean), poisoned);
  const whole = inspectActivations('activation-clustering', activations.map(() => new Float32Array(WIDTH).fill(NaN)), labels, { poisoned }).report;
  t.match(whole, { suspectedClasses: [], unjudgedClasses: [0, 1, 2, 3], nonFiniteSamples: 600 });
  const sound = inspectActivations('activation-clustering', activations, labels, { poisoned }).report;
  t.notOk('unjudgedClasses' in sound || 'nonFiniteSamples' in sound || 'nonFinite' in sound.classes[0]!);
});

t.test('two clusters leave every point nearest to its own mean, and far groups are told apart', async () => {
  const coordinate = fc.integer({ min: -1000, max: 1000 });
  fc.assert(fc.property(fc.array(fc.tuple(coordinate, coordinate), { minLength: 4, maxLength: 30 }), fc.nat(), (drawn, seed) => {
    const points = drawn.map((point) => [...point]);
    const clusters = twoClusters(points, new Stream(seed, 'inspection'));
    if (clusters === undefined) return true;
    const means = [0, 1].map((cluster) => {
      const own = points.filter((_, place) => clusters[place] === cluster);
      return [0, 1].map((k) => own.reduce((sum, point) => sum + point[k]!, 0) / own.length);
    });
    const square = (point: number[], cluster: number): number => (point[0]! - means[cluster]![0]!) ** 2 + (point[1]! - means[cluster]![1]!) ** 2;
    return points.every((point, place) => square(point, clusters[place]!) <= square(point, 1 - clusters[place]!) * (1 + 1e-9) + 1e-9);
  }));
  fc.assert(fc.property(fc.array(fc.tuple(coordinate, fc.boolean()), { minLength: 4, maxLength: 30 }), fc.nat(), (drawn, seed) => {
    const points = drawn.map(([x, far], place) => [x + place / 100 + (far ? 1e5 : 0)]);
    const clusters = twoClusters(points, new Stream(seed, 'inspection'))!;
    const groups = new Set(drawn.map(([, far], place) => `${far}${clusters[place]}`));
    return groups.size === (drawn.some(([, far]) => far) && drawn.some(([, far]) => !far) ? 2 : groups.size);
  }));
});

t.test('the silhouette is Rousseeuw’s', async (t) => {
  const random = new Stream(6, 'digits');
  const points = Array.from({ length: 30 }, (_, place) => [random.normal() + (place < 12 ? 3 : 0), random.normal()]);
  const clusters = points.map((_, place) => (place < 12 ? 0 : 1));
  const values = points.map((point, i) => {
    const mean = (cluster: number): number => {
      const others = points.filter((_, j) => j !== i && clusters[j] === cluster);
      return others.reduce((sum, other) => sum + Math.hypot(point[0]! - other[0]!, point[1]! - other[1]!), 0) / others.length;
    };
    const [within, beside] = [mean(clusters[i]!), mean(1 - clusters[i]!)];
    return (beside - within) / Math.max(within, beside);
  });
  const wanted = values.reduce((sum, value) => sum + value, 0) / values.length;
  t.ok(Math.abs(meanSilhouette(points, clusters, new Stream(0, 'inspection')) - wanted) < 1e-12);
});

t.test('samples that don’t fit together, unknown names and parameters are refused', async (t) => {
  const rows = [Float32Array.of(1, 2), Float32Array.of(2, 1)];
  t.throws(() => inspectActivations('activation-clusters', rows, [0, 1]), { name: 'ParameterError', message: /the nearest is "activation-clustering"/ });
  t.throws(() => inspectActivations({ name: 'activation-clustering', sise: 0.2 }, rows, [0, 1]), { name: 'ParameterError', message: /inspection.*sise/ });
  t.throws(() => inspectActivations('activation-clustering', rows, [0]), { name: 'RangeError', message: /2 samples and 1 labels/ });
  t.throws(() => inspectActivations('activation-clustering', rows, [0, 1], { poisoned: [true] }), { name: 'RangeError', message: /2 samples and "poisoned" for 1/ });
  t.throws(() => inspectActivations('activation-clustering', rows, [0, 2], { classes: 2 }), { name: 'RangeError', message: /the label 2 for sample 1: labels are whole numbers from 0 to 1/ });
  t.throws(() => inspectActivations('activation-clustering', rows, [0, 1], { sede: 1 } as object), { name: 'TypeError', message: /"seed"/ });
  t.throws(() => inspectActivations('activation-clustering', [], []), { name: 'RangeError' });
  for (const labels of [undefined, null, 3, '01', {}] as unknown as number[][]) {
    t.throws(() => inspectActivations('activation-clustering', rows, labels), { name: 'TypeError', message: /takes labels as an array, a whole number for each sample, and got / }, String(labels));
  }
  t.throws(() => inspectActivations('activation-clustering', rows, [0, 1], { poisoned: 1 as unknown as number[] }), { name: 'TypeError', message: /takes poisoned as an array/ });
  for (const label of [NaN, Infinity, 0.5, -1, 65_536]) {
    t.throws(() => inspectActivations('activation-clustering', rows, [0, label]), { name: 'RangeError', message: `inspectActivations got the label ${label} for sample 1: labels are whole numbers from 0 to 65535` });
  }
  t.throws(() => inspectActivations('activation-clustering', rows, [0, '1' as unknown as number]), { name: 'RangeError', message: /the label a string for sample 1/ });
  t.throws(() => inspectActivations('activation-clustering', rows, [0, 1], { classes: NaN }), { name: 'RangeError', message: /^classes has to be a whole number from 1 to 65536, and is NaN/ });
});
