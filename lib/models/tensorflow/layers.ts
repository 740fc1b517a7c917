import type { LayersModel } from '@tensorflow/tfjs';
import type { TensorFlow } from './engine.js';

type Layer = LayersModel['layers'][number];

/** A layer, wherever in a model it is. */
export interface PlacedLayer {
  readonly layer: Layer;
  /** As messages have it: its place, name and class, and what it lies within. */
  readonly name: string;
  /** A model itself: what it computes, its layers do. */
  readonly isModel: boolean;
  /** Called by a layer that is no model: what a wrapper wraps, a recurrent layer's cell. */
  readonly isPart: boolean;
}

/** All layers of a model, in order, each before those within it: a layer may be a model itself, or hold others. */
export function* layersOf(tf: TensorFlow, model: LayersModel): Generator<PlacedLayer> {
  // Layers refer to one another as they like, and the same one may be used twice.
  const seen = new Set<Layer>();
  function* within(places: Iterable<readonly [place: string, layer: Layer]>, around: string, isPart: boolean): Generator<PlacedLayer> {
    for (const [place, layer] of places) {
      if (seen.has(layer)) continue;
      seen.add(layer);
      const isModel = layer instanceof tf.LayersModel;
      yield { layer, name: `${place}${around}, ${layer.name} (${layer.getClassName()})`, isModel, isPart };
      yield* within(isModel ? numbered(layer) : partsOf(tf, layer), ` in ${place} (${layer.name})${around}`, isPart || !isModel);
    }
  }
  yield* within(numbered(model), '', false);
}

function numbered({ layers }: Pick<LayersModel, 'layers'>): (readonly [string, Layer])[] {
  return layers.map((layer, place) => [`layer ${place}`, layer]);
}

function partsOf(tf: TensorFlow, layer: Layer): (readonly [string, Layer])[] {
  return Object.entries(layer).flatMap(([key, value]: readonly [string, unknown]) => [value].flat().filter((part): part is Layer => part instanceof tf.layers.Layer).map((part) => [key, part] as const));
}
