import { z } from 'zod';
import { PreconditionError } from '../aggregators/errors.js';
import type { DataAttack } from './attack.js';
import { targetsOf } from './backdoor.js';

const parameters = z.strictObject({
  from: z
    .union([z.int().min(0), z.array(z.int().min(0)).min(1)])
    .optional()
    .describe('the classes whose samples are relabelled, 0 by default: a class, or a list of them; leave it out with samples'),
  samples: z.int().min(1).max(10_000).optional().describe('relabels so many chosen training images of the corrupted workers, in place of classes: a whole number of at least 1'),
  to: z.union([z.int().min(0), z.literal('next')]).default('next').describe('the label that they get: a class, or "next", (y + 1) mod the number of classes'),
  share: z.number().min(0).max(1).optional().describe('with samples: the share of each batch of a corrupted worker that they take up, 0.1 by default: a number from 0 to 1'),
});

interface Resolved {
  /** Undefined when samples are chosen. */
  readonly from: readonly number[] | undefined;
  readonly samples: number | undefined;
  readonly to: number | 'next';
  readonly share: number;
}

/** The corrupted workers behave, but for the labels of chosen classes or samples: these alone are to be mistaken. */
export const targetedPoisoning: DataAttack<z.input<typeof parameters>, Resolved> = {
  name: 'targeted-poisoning',
  formula: 'the own gradient on samples of the classes `from`, or on `samples` chosen ones in a share of each batch, with the label `to`',
  source: 'Biggio, Nelson, Laskov 2012; Tolpegin, Truex, Gursoy, Liu 2020',
  precondition: 'from and to are classes; from or samples, not both',
  parameters,
  presets: {},
  expressions: [],
  meaningless: ({ samples }) => (samples === undefined ? { share: 'with classes, whose samples are all relabelled: it belongs to samples' } : {}),
  resolve({ from, samples, to = 'next', share = 0.1 }) {
    const classes = typeof from === 'number' ? [from] : from;
    return { from: classes ?? (samples === undefined ? [0] : undefined), samples, to, share };
  },
  check: (_, { from, samples }) =>
    from === undefined || samples === undefined ? undefined : `targeted-poisoning relabels classes or chosen samples: from = [${from.join(', ')}], samples = ${samples}; leave one of them out`,
  warn: () => undefined,
  backdoor({ samples, ...given }, { classes }) {
    return { trigger: samples === undefined ? { kind: 'class' } : { kind: 'sample', count: samples }, targets: relabelled(given, classes) };
  },
  poison({ samples, share, ...given }, classes) {
    if (samples === undefined) return { labels: relabelled(given, classes) };
    return { labels: Array.from({ length: classes }, (_, label) => label), planted: share };
  },
};

/** The label of each class. Throws a PreconditionError for a class that there isn't. */
function relabelled({ from, to }: Pick<Resolved, 'from' | 'to'>, classes: number): number[] {
  const targets = targetsOf('targeted-poisoning', to, classes);
  const unknown = from?.find((label) => label >= classes);
  if (unknown === undefined) return targets.map((label, y) => (from?.includes(y) === false ? y : label));
  throw new PreconditionError(`targeted-poisoning needs classes from 0 to ${classes - 1}: from has ${unknown}`);
}
