/** TensorFlow.js's native binding's own, its WebAssembly one, and plain JavaScript. */
export type Backend = 'tensorflow' | 'wasm' | 'cpu';

/** Which package computes, and how. */
export interface EngineChoice {
  readonly engine: '@tensorflow/tfjs-node' | '@tensorflow/tfjs';
  readonly backend: Backend;
}
