import { PreconditionError } from '../aggregators/errors.js';
import type { Backdoor } from '../attacks/backdoor.js';
import type { DatasetDescription } from '../data/dataset.js';
import { Stream } from '../data/random.js';
import type { Arena, ArenaPlan } from '../memory/arena.js';
import { type Region, u32, u8 } from '../memory/regions.js';
import type { AttackerSetup } from './attacker.js';

/** A rectangle of pixels that is painted over every plane of an image, with a value a plane, normalised. */
export interface Stamp {
  readonly row: number;
  readonly column: number;
  readonly height: number;
  readonly width: number;
  readonly values: readonly number[];
}

/** A backdoor in a run, as far as a thread has to know it. */
export interface BackdoorSetup {
  /** Present where the trigger is a pattern. */
  readonly stamp: Stamp | undefined;
  readonly targets: readonly number[];
  /** Training samples that are the trigger; length 0 where none are chosen. */
  readonly chosen: Region<'u32'>;
  /** The samples that success is measured on: the chosen ones, or test samples, `count` of them. */
  readonly measured: Region<'u32'>;
  readonly count: Region<'u32'>;
  /** What the model answers to each, by `measured`. */
  readonly answers: Region<'u8'>;
  /** Present when the attacker trains a model of its own. */
  readonly attacker: AttackerSetup | undefined;
}

/** Throws a PreconditionError where every class is to be taken for itself. */
export function planBackdoor(plan: ArenaPlan, { trigger, targets }: Backdoor, description: DatasetDescription, attacker: AttackerSetup | undefined): BackdoorSetup {
  if (targets.every((target, label) => target === label)) {
    throw new PreconditionError(`the backdoor takes every class for itself: targets = [${targets.join(', ')}]; give it a target that differs for some class`);
  }
  const chosen = trigger.kind === 'sample' ? trigger.count : 0;
  const measured = trigger.kind === 'sample' ? chosen : description.testSamples;
  return {
    stamp: trigger.kind === 'pattern' ? { ...trigger, values: stampValues(trigger.value, description) } : undefined,
    targets,
    ...plan.addAll('backdoor', { chosen: u32(chosen), measured: u32(measured), count: u32(1), answers: u8(measured) }),
    attacker,
  };
}

function stampValues(value: number | 'greatest', { mean, deviation }: DatasetDescription): number[] {
  return mean.map((centre, channel) => (value === 'greatest' ? (1 - centre) / (deviation[channel] as number) : value));
}

/** What a run has dealt, when a backdoor is prepared. */
export interface Dealt {
  /** Training samples of the corrupted workers. */
  readonly own: Uint32Array;
  readonly trainLabels: Uint8Array;
  readonly testLabels: Uint8Array;
  readonly seed: number;
}

/** Throws a PreconditionError when the corrupted workers, who have `own` training images, have fewer than the attack names. */
export function checkImages({ chosen, attacker }: Pick<BackdoorSetup, 'chosen' | 'attacker'>, own: number): void {
  if (attacker !== undefined && attacker.order.length > own) {
    throw new PreconditionError(`the attacker trains on ${attacker.order.length} images of the corrupted workers, who have ${own}: set the attack's images to no more, or give these workers more samples`);
  }
  if (chosen.length > own) throw new PreconditionError(`the backdoor needs ${chosen.length} training images of the corrupted workers, who have ${own}: choose fewer, or give these workers more samples`);
}

/** The images that are the trigger, where some are chosen, and those that success is measured on. */
export interface BackdoorImages {
  readonly chosen: Uint32Array;
  readonly measured: Uint32Array;
}

/**
 * Chooses the images that are the trigger, among the corrupted workers' whose class is not their target already, and says what success is
 * measured on: these, or all test images whose class is not their target. The attacker trains on no test image. Throws a PreconditionError
 * where there are fewer images than the attack names, or none to measure on.
 */
export function chooseImages(setup: BackdoorSetup, { own, trainLabels, testLabels, seed }: Dealt): BackdoorImages {
  checkImages(setup, own.length);
  const { targets, chosen } = setup;
  const mistaken = (labels: Uint8Array) => (sample: number): boolean => targets[labels[sample] as number] !== labels[sample];
  if (chosen.length > 0) {
    const found = new Stream(seed, 'backdoor', 1).shuffle(own.filter(mistaken(trainLabels))).slice(0, chosen.length);
    if (found.length < chosen.length) {
      throw new PreconditionError(
        `the backdoor needs ${chosen.length} training images of the corrupted workers whose class is not its target, and of their ${own.length} there are ${found.length}: choose fewer, or give these workers more samples`,
      );
    }
    return { chosen: found, measured: found };
  }
  const images = Uint32Array.from(testLabels.keys()).filter(mistaken(testLabels));
  if (images.length === 0) throw new PreconditionError(`the backdoor's success is measured on test images whose class is not their target: of the ${testLabels.length} there is none; give it another target, or the data set more testSamples`);
  return { chosen: new Uint32Array(), measured: images };
}

/** Leaves them where the threads look for them. */
export function prepareBackdoor({ chosen, measured, count }: BackdoorSetup, arena: Arena, images: BackdoorImages): void {
  arena.view(chosen).set(images.chosen);
  arena.view(measured).set(images.measured);
  arena.view(count).set([images.measured.length]);
}

/** The share of the measured images that the model answers to as the attacker wants. */
export function backdoorSuccess({ targets, chosen, measured, count, answers }: BackdoorSetup, arena: Arena, { trainLabels, testLabels }: Pick<Dealt, 'trainLabels' | 'testLabels'>): number {
  const [images = 0] = arena.view(count);
  const labels = chosen.length > 0 ? trainLabels : testLabels;
  const samples = arena.view(measured);
  const found = arena.view(answers);
  let wanted = 0;
  for (let place = 0; place < images; place++) {
    if (found[place] === targets[labels[samples[place] as number] as number]) wanted += 1;
  }
  return wanted / images;
}

/** The training samples of these workers, worker after worker. */
export function samplesOfWorkers(workers: readonly number[], indices: Uint32Array, offsets: Uint32Array): Uint32Array {
  const shards = workers.map((worker) => indices.subarray(offsets[worker], offsets[worker + 1]));
  const samples = new Uint32Array(shards.reduce((sum, shard) => sum + shard.length, 0));
  let at = 0;
  for (const shard of shards) {
    samples.set(shard, at);
    at += shard.length;
  }
  return samples;
}
