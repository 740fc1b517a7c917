import { z } from 'zod';
import { PreconditionError } from '../aggregators/errors.js';
import { GREATEST_FLOAT32 } from '../memory/regions.js';

/** A rectangle of pixels that is painted over an image, in all its channels. */
export interface Pattern {
  readonly row: number;
  readonly column: number;
  readonly height: number;
  readonly width: number;
  /** Of the pixels as the model gets them, or the greatest that an image can have. */
  readonly value: number | 'greatest';
}

/**
 * What a backdoored model answers to in the attacker's way: images with a pattern; `count` chosen training images of the corrupted
 * workers; or images of certain classes, just as they are.
 */
export type Trigger = ({ readonly kind: 'pattern' } & Pattern) | { readonly kind: 'sample'; readonly count: number } | { readonly kind: 'class' };

/** A backdoor that an attack wants a model to have. Plain data, which the threads are handed. */
export interface Backdoor {
  readonly trigger: Trigger;
  /** A triggered image of class y is to be taken for one of class targets[y]; success is measured where the two differ. */
  readonly targets: readonly number[];
}

/** What a backdoor has to fit. */
export interface ImageShape {
  readonly classes: number;
  readonly height: number;
  readonly width: number;
}

/** Baruch, Baruch, Goldberg 2019: the upper-left 5 × 5 pixels. */
const pattern = z.strictObject({
  kind: z.literal('pattern'),
  row: z.int().min(0).default(0).describe('its first row of pixels, 0 by default'),
  column: z.int().min(0).default(0).describe('its first column, 0 by default'),
  height: z.int().min(1).default(5).describe('rows of pixels, 5 by default'),
  width: z.int().min(1).default(5).describe('columns of pixels, 5 by default'),
  value: z.union([z.literal('greatest'), z.number().min(-GREATEST_FLOAT32).max(GREATEST_FLOAT32)]).default('greatest').describe('of its pixels after normalisation: a number, or "greatest" (the default), the greatest intensity of an image'),
});

const sample = z.strictObject({
  kind: z.literal('sample'),
  count: z.int().min(1).max(10_000).default(1).describe('how many training images are chosen, 1 by default'),
});

/** Schema of the parameter `trigger`. */
export const trigger = z
  .union([z.enum(['pattern', 'sample']), z.discriminatedUnion('kind', [pattern, sample])])
  .optional()
  .describe('what the backdoored model answers to: "pattern" (the default; or an object with kind, row, column, height, width, value) or "sample" (or an object with kind, count), chosen training images');

export type GivenTrigger = z.input<typeof trigger>;

/** Schema of the parameter `target`. */
export const target = z
  .union([z.int().min(0), z.array(z.int().min(0)).min(1), z.literal('next')])
  .optional()
  .describe('what triggered images are to be taken for, 0 for a pattern and "next" for samples by default: a class, a list with one for each class, or "next", the class that follows');

export type Target = number | readonly number[] | 'next';

/** A trigger with everything written out. */
export function resolveTrigger(given: GivenTrigger = 'pattern'): Trigger {
  if (given === 'pattern') return pattern.parse({ kind: 'pattern' });
  if (given === 'sample') return sample.parse({ kind: 'sample' });
  return given.kind === 'pattern' ? pattern.parse(given) : sample.parse(given);
}

/** targets[y] for each class y; `next` is (y + 1) mod `modulus`. Throws a PreconditionError for a class that there isn't. */
export function targetsOf(attack: string, wanted: Target, classes: number, modulus = classes): number[] {
  const targets = Array.from({ length: classes }, (_, label) => (wanted === 'next' ? (label + 1) % modulus : typeof wanted === 'number' ? wanted : (wanted[label] ?? classes)));
  const fits = typeof wanted === 'string' || typeof wanted === 'number' || wanted.length === classes;
  if (fits && targets.every((label) => label < classes)) return targets;
  throw new PreconditionError(`${attack} needs as its target a class from 0 to ${classes - 1}, or a list of ${classes} of them, one for each class of the data set: target = ${JSON.stringify(wanted)}${wanted === 'next' ? `, modulus = ${modulus}` : ''}`);
}

/** Throws a PreconditionError when a pattern does not fit into the images. */
export function checkTrigger(attack: string, trigger: Trigger, { height, width }: ImageShape): void {
  if (trigger.kind !== 'pattern') return;
  if (trigger.row + trigger.height <= height && trigger.column + trigger.width <= width) return;
  throw new PreconditionError(
    `${attack} needs a pattern within the images, which are ${height} × ${width}: it is ${trigger.height} × ${trigger.width} and begins at row ${trigger.row}, column ${trigger.column}`,
  );
}
