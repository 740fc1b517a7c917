import { z } from 'zod';
import { assemble } from './assemble.js';
import type { LayerDescription } from './layer-list.js';
import type { Model } from './model.js';

/** Channels of a group are 2, 4 and 8 in the three stages. */
const GROUPS = 8;

/**
 * The residual network that He et al. made for CIFAR, with one block in each of its three stages of 16, 32 and 64 filters. Group
 * normalisation stands where they have batch normalisation: workers' batches are separate, so there is no batch to normalise over that all of
 * them share, and its running averages would be state beside the parameters. Where a stage halves the image, a convolution of kernel 1 is
 * the shortcut (their option B).
 */
export const resnet8: Model = {
  name: 'resnet-8',
  description: 'a convolution, three residual blocks of 16, 32 and 64 filters, the last two halving the image, the average of each channel, and a dense layer; group normalisation in place of batch normalisation, since workers’ batches are separate',
  source: 'He, Zhang, Ren, Sun 2016, section 4.2, n = 1; Wu, He 2018',
  parameters: z.strictObject({}),
  layers: (_given, input, classes) => {
    const size = Math.ceil(Math.ceil(Math.min(input.height, input.width) / 2) / 2);
    return assemble(
      [
        ...normalised(16, 1),
        { layer: 'relu' },
        { layer: 'residual', layers: block(16, 1) },
        { layer: 'relu' },
        { layer: 'residual', layers: block(32, 2), shortcut: [projection(32)] },
        { layer: 'relu' },
        { layer: 'residual', layers: block(64, 2), shortcut: [projection(64)] },
        { layer: 'relu' },
        { layer: 'average-pool', size },
        { layer: 'dense', units: classes },
      ],
      input, classes, 'model',
    );
  },
};

type Inner = Exclude<LayerDescription, { layer: 'residual' }>;

function normalised(filters: number, stride: number): Inner[] {
  return [{ layer: 'convolution', filters, kernel: 3, stride, padding: 1, initialisation: 'he-normal' }, { layer: 'group-norm', groups: GROUPS }];
}

function block(filters: number, stride: number): Inner[] {
  return [...normalised(filters, stride), { layer: 'relu' }, ...normalised(filters, 1)];
}

function projection(filters: number): Inner {
  return { layer: 'convolution', filters, kernel: 1, stride: 2, initialisation: 'he-normal' };
}
