import type { z } from 'zod';
import type { LayerSpecification } from './layer.js';
import type { Shape } from './shape.js';

/** One model: from its parameters and the data's shape to a list of layers. A file exports one such object and the registry lists it. */
export interface Model<Given extends object = object> {
  readonly name: string;
  readonly description: string;
  readonly source: string;
  readonly parameters: z.ZodType<Given>;
  /** A parameter that no other model has: an object with it and without a name is this model. */
  readonly impliedBy?: string;
  /** `input`: the shape of a sample. Throws a ParameterError when a layer can't take what comes in, or the last gives no value for each class. */
  layers(given: Given, input: Shape, classes: number): LayerSpecification[];
}
