import type { EngineChoice } from './engine-choice.js';

/** A user's TensorFlow.js model as plain data: what it is to a network, and how a thread builds it again. */
export interface TensorFlowSpecification extends EngineChoice {
  /** The ES module, absolute. */
  readonly file: string;
  /** The module's own. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Of a sample. */
  readonly shape: readonly [height: number, width: number, channels: number];
  readonly inputs: number;
  readonly outputs: number;
  /** float32 in θ. */
  readonly parameterCount: number;
  /** float32 of each of its trainable weights, in their order in θ. */
  readonly tensors: readonly number[];
  /** Values a sample has in what the last layer with weights reads; 0 when that is the data. */
  readonly hidden: number;
}

/** What a model said of itself, asked in a thread before its run is planned. Plain data. */
export interface ModelFacts extends TensorFlowSpecification {
  readonly version: string;
  /** Its trainable weights in the order of θ. */
  readonly weights: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** What a user should know of what it runs on. */
  readonly note: string | undefined;
}

/** A model of a run that is planned. */
export class PlannedTensorFlowModel {
  readonly facts: ModelFacts;

  constructor(facts: ModelFacts) {
    this.facts = facts;
  }
}

/** The planned model of a scenario's `model`; undefined for models of other kinds and before planning. */
export function plannedModel(model: Readonly<Record<string, unknown>>): ModelFacts | undefined {
  const { planned } = model;
  return planned instanceof PlannedTensorFlowModel ? planned.facts : undefined;
}
