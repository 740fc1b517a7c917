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

/** Every kind of layer that a list may name, with what it takes. */
export const layerDescription = z.discriminatedUnion('layer', [
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
  z.strictObject({ layer: z.literal('dense'), units: units.describe('values that come out'), initialisation }),
]);

/** A layer as a list names it: without the shape of what comes in, which follows from the layers before it and the data set. */
export type LayerDescription = z.input<typeof layerDescription>;
