import type { z } from 'zod';
import type { LayerSpecification } from './layer.js';

/** One model: from its parameters and the data's shape to a list of layers. A file exports one such object and the registry lists it. */
export interface Model<Given extends object = object> {
  readonly name: string;
  readonly description: string;
  readonly source: string;
  readonly parameters: z.ZodType<Given>;
  /** `inputs`: values of a sample. */
  layers(given: Given, inputs: number, classes: number): LayerSpecification[];
}
