import { z } from 'zod';
import { Stream } from '../data/random.js';
import type { InspectedClass, InspectedSamples, Inspection } from './inspection.js';
import { principalComponents } from './principal-components.js';
import { meanSilhouette } from './silhouette.js';
import { twoClusters } from './two-clusters.js';

const parameters = z.strictObject({
  components: z.int().min(1).max(1000).default(10).describe('principal components that activations are reduced to'),
  size: z.number().gt(0).max(0.5).default(0.35).describe('a cluster with a smaller share of its class than this is suspected'),
  silhouette: z.number().min(-1).max(1).default(0.1).describe('where the two clusters are more clearly two than this'),
});

type Parameters = z.infer<typeof parameters>;

/** Fewer samples are no clusters. */
const FEWEST = 4;

/**
 * Chen et al. 2018: what a poisoned sample makes a network see is not what its label's other samples make it see, so within the samples of one label it
 * lies apart. The paper reduces by independent components, which it found better than principal ones;
 * those have one answer.
 */
export const activationClustering: Inspection<z.input<typeof parameters>> = {
  name: 'activation-clustering',
  description: 'looks for labels whose samples fall into two clusters, one of them small, in what the last hidden layer makes of them',
  formula: 'per label: activations − mean, reduced to principal components, 2-means; the smaller cluster is suspected if its share < size and the mean silhouette > silhouette',
  source: 'Chen, Carvalho, Baracaldo, Ludwig, Edwards, Lee, Molloy, Srivastava 2018, "Detecting backdoor attacks on deep neural networks by activation clustering"; thresholds as the Adversarial Robustness Toolbox has them',
  parameters,
  *inspect(given, samples) {
    const settings = parameters.parse(given);
    const suspected = new Uint8Array(samples.labels.length);
    const classes: InspectedClass[] = [];
    for (let label = 0; label < samples.classes; label++) {
      const members = Array.from({ length: samples.labels.length }, (_, sample) => sample).filter((sample) => samples.labels[sample] === label);
      const found = inspectClass(settings, samples, label, members);
      for (const sample of found.suspects) suspected[sample] = 1;
      classes.push(found.report);
      yield;
    }
    return { suspected, report: summarize(classes, suspected, samples) };
  },
};

function inspectClass(settings: Parameters, { activations, poisoned, seed }: InspectedSamples, label: number, members: readonly number[]): { readonly report: InspectedClass; readonly suspects: readonly number[] } {
  const truth = poisoned === undefined ? {} : { poisoned: members.filter((sample) => Boolean(poisoned[sample])).length };
  const own = members.map((sample) => activations[sample] as Float32Array);
  const nonFinite = own.filter((activation) => !activation.every(Number.isFinite)).length;
  const known = { label, samples: members.length, ...truth, ...(nonFinite === 0 ? {} : { nonFinite }) };
  const points = members.length < FEWEST || nonFinite > 0 ? undefined : principalComponents(own, settings.components);
  const clusters = points && twoClusters(points, new Stream(seed, 'inspection', label, 0));
  if (points === undefined || clusters === undefined) return { suspects: [], report: { ...known, smaller: 0, suspected: false } };
  const inSecond = clusters.reduce((sum, cluster) => sum + cluster, 0);
  const small = 2 * inSecond <= members.length ? 1 : 0;
  const smaller = (small === 1 ? inSecond : members.length - inSecond) / members.length;
  const silhouette = meanSilhouette(points, clusters, new Stream(seed, 'inspection', label, 1));
  const suspect = smaller < settings.size && silhouette > settings.silhouette;
  return { suspects: suspect ? members.filter((_, place) => clusters[place] === small) : [], report: { ...known, smaller, silhouette, suspected: suspect } };
}

function summarize(classes: readonly InspectedClass[], suspected: Uint8Array, { poisoned, labels }: InspectedSamples) {
  const count = (holds: (sample: number) => boolean): number => suspected.reduce((sum, _, sample) => sum + Number(holds(sample)), 0);
  const suspectedSamples = count((sample) => suspected[sample] === 1);
  const labelsWhere = (holds: (one: InspectedClass) => boolean): number[] => classes.filter(holds).map(({ label }) => label);
  const nonFiniteSamples = classes.reduce((sum, { nonFinite = 0 }) => sum + nonFinite, 0);
  const known = {
    name: 'activation-clustering', classes, suspectedClasses: labelsWhere((one) => one.suspected), samples: labels.length, suspectedSamples,
    ...(nonFiniteSamples === 0 ? {} : { unjudgedClasses: labelsWhere(({ nonFinite }) => nonFinite !== undefined), nonFiniteSamples }),
  };
  if (poisoned === undefined) return known;
  const poisonedSamples = count((sample) => Boolean(poisoned[sample]));
  const found = count((sample) => Boolean(poisoned[sample]) && suspected[sample] === 1);
  return {
    ...known, poisonedSamples,
    ...(suspectedSamples === 0 ? {} : { precision: found / suspectedSamples }),
    ...(poisonedSamples === 0 || nonFiniteSamples > 0 ? {} : { recall: found / poisonedSamples }),
  };
}
