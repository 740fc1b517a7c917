import { z } from 'zod';
import { DATASETS } from '../data/registry.js';
import { SPARSE_DATASETS } from '../data/sparse/registry.js';
import { MODELS } from '../models/registry.js';
import { SPARSE_MODELS } from '../models/sparse-models.js';
import type { Problem } from '../registry/problems.js';
import type { RunConfiguration } from './configuration.js';
import { idleSamples, type Mode } from './mode.js';
import { isObject } from './plain.js';

const write = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('sign-flip'), factor: z.number().gt(0).max(1e30).default(1).describe('the honest update times −factor') }),
    z.strictObject({ kind: z.literal('gaussian'), deviation: z.number().gt(0).max(1e30).default(1).describe('of the normal deviates added to the parameters') }),
    z.strictObject({ kind: z.literal('huge'), value: z.number().min(-3e38).max(3e38).default(1e20).describe('what is written in place of the parameters') }),
  ])
  .describe('what Byzantine workers write straight into the shared parameters');

export const HOGWILD_VARIANTS = ['lock-free', 'serial', 'lock', 'round-robin', 'coordinate-locks', 'gathered'] as const;

const parameters = z
  .strictObject({
    variant: z
      .enum(HOGWILD_VARIANTS)
      .default('lock-free')
      .describe('who may write when: nobody waits; one thread alone; one lock; in turns (RR); a lock a coordinate (AIG); gathered in the thread and flushed together'),
    window: z.int().min(1).max(65_536).optional().describe('gathered: updates from one flush to the next; 256 by default'),
    backoff: z.number().gt(0).max(1).default(0.9).describe('β: the step of epoch t is learningRate · β^t'),
    write: write.optional(),
    countLost: z.boolean().default(true).describe('ends with an epoch in which updates add 1, to count those that races lose'),
  })
  .refine(({ variant, window }) => variant === 'gathered' || window === undefined, { path: ['window'], error: 'left out, because only the variant gathered has a window' });

export type HogwildParameters = z.infer<typeof parameters>;
export type HogwildVariant = HogwildParameters['variant'];
export type HogwildWrite = NonNullable<HogwildParameters['write']>;

/** Those that mean something where an update is one gradient of a dense model: it has no vertices to lock or to gather, and turns would be the serial run. */
const DENSE_VARIANTS: readonly HogwildVariant[] = ['lock-free', 'serial', 'lock'];

export const hogwild: Mode<HogwildParameters> = {
  name: 'hogwild',
  description:
    'every thread adds its updates to the shared parameters with no lock, races allowed; a round is an epoch of sparse updates, or one gradient a worker of a dense model; no protection from Byzantine workers',
  source: 'Recht, Ré, Wright, Niu, "Hogwild!: a lock-free approach to parallelizing stochastic gradient descent", NeurIPS 2011',
  parameters,
  datasets: [...SPARSE_DATASETS.names, ...DATASETS.names],
  models: [...SPARSE_MODELS.names, ...MODELS.names],
  unused: {
    aggregator: { name: 'none', f: 0 },
    attack: { name: 'none' },
    preaggregators: [],
    momentum: 'none',
  },
  // Here an update is a sample's, and the threads take samples as they come.
  unusedWith: ({ dataset }) => (isSparse(isObject(dataset) ? dataset['name'] : dataset) ? { weightDecay: 0, partition: { name: 'iid' }, batchSize: 1, server: {} } : {}),
  unprotected: 'classical HOGWILD! has no protection: what a Byzantine worker writes into the shared parameters stays there',
  why: 'workers write into the shared parameters, and no rows are reported',
  check(configuration) {
    const { byzantine, mode, server } = configuration;
    const given = mode as Readonly<Record<string, unknown>>;
    return [
      ...(byzantine.count > 0 && given['write'] === undefined ? [{ path: 'mode.write', message: `is required: ${byzantine.count} workers are Byzantine, and it says what they write` }] : []),
      ...(byzantine.count === 0 && given['write'] !== undefined ? [{ path: 'mode.write', message: 'no worker is Byzantine, so nobody writes this; set byzantine, or leave it out' }] : []),
      ...unfit(configuration, given['variant'] as HogwildVariant),
      ...idleSamples(server, 'hogwild'),
    ];
  },
};

/** Whether runs of the mode hogwild on this data set make sparse updates. */
export function isSparse(dataset: unknown): boolean {
  return typeof dataset === 'string' && SPARSE_DATASETS.find(dataset) !== undefined;
}

/** What model and variant have to do with the data set. */
function unfit({ dataset, model }: RunConfiguration, variant: HogwildVariant): Problem[] {
  const sparse = SPARSE_DATASETS.find(dataset.name);
  const fitting = sparse === undefined ? MODELS.names : Array.from(SPARSE_MODELS).filter(({ learns }) => learns === sparse.kind).map(({ name }) => name);
  if (!fitting.includes(model.name)) return [{ path: 'model', message: `${model.name} can't learn from ${dataset.name}; models that can: ${fitting.join(', ')}` }];
  if (sparse !== undefined || DENSE_VARIANTS.includes(variant)) return [];
  return [{ path: 'mode.variant', message: `"${variant}" is for sparse models; ${model.name} on ${dataset.name} is dense, where ${DENSE_VARIANTS.join(', ')} are allowed` }];
}
