import { z } from 'zod';
import { PreconditionError } from '../aggregators/errors.js';
import type { DataAttack } from './attack.js';

const parameters = z.strictObject({
  map: z
    .array(z.int().min(0))
    .min(1)
    .optional()
    .describe('the label that each class is taken for, [L−1, …, 1, 0] by default: a list of L whole numbers below L, the number of classes'),
});

interface Resolved {
  readonly map: readonly number[] | undefined;
}

/** The corrupted workers behave, but for their labels: nothing of what they report is crafted. */
export const labelFlip: DataAttack<z.infer<typeof parameters>, Resolved> = {
  name: 'label-flip',
  formula: 'the own gradient on samples of label L − 1 − y in place of y, or of label map[y], over L classes',
  source: '–',
  precondition: 'a map has an entry below L for each of the L classes',
  parameters,
  presets: {},
  expressions: [],
  resolve: ({ map }) => ({ map }),
  check: () => undefined,
  warn: (_, { map }) => (map?.every((label, y) => label === y) === true ? 'the map of label-flip leaves every label as it is' : undefined),
  poison({ map }, classes) {
    if (map === undefined) return { labels: Array.from({ length: classes }, (_, label) => classes - 1 - label) };
    if (map.length === classes && map.every((label) => label < classes)) return { labels: map };
    throw new PreconditionError(`label-flip needs a map of ${classes} labels from 0 to ${classes - 1}, one for each class of the data set: map = [${map.join(', ')}]`);
  },
};
