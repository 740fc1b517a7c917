import { z } from 'zod';

const units = z.int().min(1).max(1_000_000);
const windowSize = z.int().min(1).max(1024);
const initialisation = z
  .enum(['uniform-fan-in', 'he-normal', 'xavier-uniform'])
  .default('uniform-fan-in')
  .describe("uniform-fan-in: uniform ±1/√fan_in, biases likewise, PyTorch's default; he-normal: normal with variance 2/fan_in, biases 0; xavier-uniform");
const pool = {
  size: windowSize.describe('height and width of a window'),
  stride: windowSize.optional().describe('how far a window is from the next; its size unless given'),
} as const;

const kinds = [
  z.strictObject({
    layer: z.literal('convolution'),
    filters: units.describe('channels that come out'),
    kernel: windowSize.describe('height and width of a filter'),
    stride: windowSize.default(1).describe('how far one position is from the next'),
    padding: z.int().min(0).max(1024).default(0).describe('width of a margin of zeros'),
    initialisation,
  }),
  z.strictObject({ layer: z.literal('max-pool'), ...pool }),
  z.strictObject({ layer: z.literal('average-pool'), ...pool }),
  z.strictObject({ layer: z.literal('relu') }),
  z.strictObject({ layer: z.literal('group-norm'), groups: units.describe('into so many groups the channels are cut, each normalised in each sample by itself') }),
  z.strictObject({ layer: z.literal('dropout'), rate: z.number().min(0).lt(1).describe('the share of values that are set to 0 in training; the others are divided by 1 − rate') }),
  z.strictObject({ layer: z.literal('dense'), units: units.describe('values that come out'), initialisation }),
] as const;

/** What may stand in a residual block: anything but another one. */
const inner = z.discriminatedUnion('layer', kinds);

/** Every kind of layer that a list may name, with what it takes. */
export const layerDescription = z.discriminatedUnion('layer', [
  ...kinds,
  z.strictObject({
    layer: z.literal('residual'),
    layers: z.array(inner).min(1).max(64).describe('what comes out of these is added to what came in'),
    shortcut: z.array(inner).max(16).default([]).describe('or to what comes out of these, so that the shapes agree'),
  }),
]);

/** A layer as a list names it: without the shape of what comes in, which follows from the layers before it and the data set. */
export type LayerDescription = z.input<typeof layerDescription>;
