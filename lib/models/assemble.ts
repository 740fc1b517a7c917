import { outputLength } from '../kernels/sizes.js';
import { either } from '../registry/names.js';
import { join, ParameterError } from '../registry/problems.js';
import type { LayerDescription } from './layer-list.js';
import type { LayerSpecification } from './layer.js';
import { formatShape, sizeOf, vector, type Shape } from './shape.js';

/**
 * What a list of layers comes to on samples of a shape. `path`: where the list stands in the scenario, `model` for a named model's. Throws a
 * ParameterError when a layer can't take what comes in or the last gives anything but a value for each class: it names the layer by its place
 * (counted from 0) and kind, what comes in and what is allowed.
 */
export function assemble(list: readonly LayerDescription[], input: Shape, classes: number, path: string): LayerSpecification[] {
  const { specifications, output } = connect(list, input, path);
  const last = list.at(-1);
  if (last === undefined) refuse(path, 'a model needs at least one layer; end with { "layer": "dense", "units": ' + String(classes) + ' }');
  if (sizeOf(output) !== classes) {
    refuse(placeIn(path, list.length - 1), `${named(last, list.length - 1)}: ${formatShape(output)} comes out of the last layer and the data set has ${classes} classes; end with a dense layer of ${classes} units`);
  }
  return specifications;
}

interface Connected {
  readonly specifications: LayerSpecification[];
  readonly output: Shape;
}

function connect(list: readonly LayerDescription[], input: Shape, path: string): Connected {
  let output = input;
  const specifications = list.map((description, place) => {
    const [specification, next] = specify(description, output, placeIn(path, place), named(description, place));
    output = next;
    return specification;
  });
  return { specifications, output };
}

function specify(description: LayerDescription, input: Shape, path: string, name: string): [specification: LayerSpecification, output: Shape] {
  const size = sizeOf(input);
  // The switch reads as a table: a kind of layer, what it can take, what comes out.
  switch (description.layer) {
    case 'dense': {
      const { units: outputs, initialisation = 'uniform-fan-in' } = description;
      return [{ layer: 'dense', inputs: size, outputs, initialisation }, vector(outputs)];
    }
    case 'relu':
      return [{ layer: 'relu', size }, input];
    case 'convolution': {
      const { filters, kernel, stride = 1, padding = 0, initialisation = 'uniform-fan-in' } = description;
      const shortest = Math.min(input.height, input.width) + 2 * padding;
      if (kernel > shortest) {
        const margin = padding === 0 ? '' : ` with a margin of ${padding}`;
        refuse(path, `${name}: a kernel of ${kernel} × ${kernel} doesn't fit into the ${formatShape(input)}${margin} that comes in; a kernel from 1 to ${shortest} does, or more padding`);
      }
      const [height, width] = [input.height, input.width].map((length) => outputLength(length + 2 * padding, kernel, stride)) as [number, number];
      return [{ layer: 'convolution', ...input, filters, kernel, stride, padding, initialisation }, { channels: filters, height, width }];
    }
    case 'group-norm': {
      const { groups } = description;
      if (input.channels % groups !== 0) {
        const divisors = Array.from({ length: input.channels }, (_, k) => k + 1).filter((divisor) => input.channels % divisor === 0);
        refuse(path, `${name}: ${groups} groups don't divide the channels of the ${formatShape(input)} that comes in; groups may be ${either(divisors.map(String))}`);
      }
      return [{ layer: 'group-norm', channels: input.channels, positions: input.height * input.width, groups }, input];
    }
    case 'dropout':
      return [{ layer: 'dropout', size, rate: description.rate }, input];
    case 'residual': {
      const main = connect(description.layers, input, inside(path, 'layers'));
      const shortcut = connect(description.shortcut ?? [], input, inside(path, 'shortcut'));
      if (formatShape(main.output) !== formatShape(shortcut.output)) {
        refuse(path, `${name}: its layers give ${formatShape(main.output)} and its shortcut gives ${formatShape(shortcut.output)}; they are added, so they must agree: a convolution of kernel 1 in the shortcut may change channels and size`);
      }
      return [{ layer: 'residual', layers: main.specifications, shortcut: shortcut.specifications }, main.output];
    }
    case 'max-pool':
    case 'average-pool': {
      const { layer, size: window, stride = window } = description;
      const shortest = Math.min(input.height, input.width);
      if (window > shortest) refuse(path, `${name}: a window of ${window} × ${window} doesn't fit into the ${formatShape(input)} that comes in; a size from 1 to ${shortest} does`);
      const [height, width] = [input.height, input.width].map((length) => outputLength(length, window, stride)) as [number, number];
      return [{ layer, ...input, size: window, stride }, { channels: input.channels, height, width }];
    }
  }
}

/** How a message names a layer. */
function named({ layer }: LayerDescription, place: number): string {
  return `layer ${place}, ${layer}`;
}

/** Where a list inside a layer stands. */
function inside(path: string, key: string): string {
  return path === 'model' ? path : join(path, key);
}

/** A named model's list stands nowhere in the scenario: what is wrong is said of the model. */
function placeIn(path: string, place: number): string {
  return path === 'model' ? path : join(path, String(place));
}

function refuse(path: string, message: string): never {
  throw new ParameterError([{ path, message }]);
}
