import type { TensorFlowModel } from './model.js';

let loaded: { readonly file: string; readonly model: TensorFlowModel } | undefined;

/** A run's model in this thread, from now on. */
export function keepLoaded(file: string, model: TensorFlowModel): void {
  loaded = { file, model };
}

/** The model of this file. Throws a TypeError when this thread has not loaded it: layers are built at once, and TensorFlow.js is not loaded at once. */
export function loadedModel(file: string): TensorFlowModel {
  if (loaded?.file !== file) throw new TypeError(`${file} is not loaded in this thread`);
  return loaded.model;
}
