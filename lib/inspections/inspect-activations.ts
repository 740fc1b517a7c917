import { asNamed, checkOptions, checkRows, GREATEST_SEED, kindOf, wholeNumber } from '../registry/options.js';
import { mergeParameters, type Named } from '../registry/parameters.js';
import type { Inspected } from './inspection.js';
import { INSPECTIONS } from './registry.js';

/** What is known beside activations and labels. */
export interface InspectionOptions {
  /** How many; one more than the greatest label unless given. */
  readonly classes?: number | undefined;
  /** Which samples are poisoned, in truth: the report then has precision and recall. */
  readonly poisoned?: ArrayLike<number | boolean> | undefined;
  readonly seed?: number | undefined;
}

const MOST_CLASSES = 65_536;

/**
 * Inspects what a finished model makes of the samples that it was trained on. `inspection`: a name, or `{ name, …its parameters }`; `activations`: for each sample the
 * values that the model's last layer reads; `labels`: what each was trained with. Returns the report, and for each sample whether it is suspected. Throws a
 * TypeError or RangeError for samples that don't fit together, a ParameterError for an unknown name or parameter.
 */
export function inspectActivations(inspection: string | Named, activations: readonly Float32Array[], labels: ArrayLike<number>, options: InspectionOptions = {}): Inspected {
  const named = asNamed('inspectActivations', inspection);
  checkOptions('inspectActivations', options, ['classes', 'poisoned', 'seed']);
  const { n } = checkRows('inspectActivations', activations);
  checkList('labels', labels, 'a whole number');
  if (labels.length !== n) throw new RangeError(`inspectActivations got ${n} samples and ${labels.length} labels: there has to be one for each`);
  const { poisoned } = options;
  const seed = wholeNumber('seed', options.seed, 0, GREATEST_SEED, 0);
  if (poisoned !== undefined) checkList('poisoned', poisoned, 'a truth value or a number');
  if (poisoned !== undefined && poisoned.length !== n) throw new RangeError(`inspectActivations got ${n} samples and "poisoned" for ${poisoned.length}: there has to be one for each`);
  const most = wholeNumber('classes', options.classes, 1, MOST_CLASSES, MOST_CLASSES);
  const unfit = Array.from(labels).findIndex((label) => !Number.isInteger(label) || label < 0 || label >= most);
  if (unfit !== -1) {
    const label: unknown = labels[unfit];
    throw new RangeError(`inspectActivations got the label ${typeof label === 'number' ? label : kindOf(label)} for sample ${unfit}: labels are whole numbers from 0 to ${most - 1}`);
  }
  const classes = options.classes ?? Array.from(labels).reduce((greatest, label) => Math.max(greatest, label), 0) + 1;
  const registered = INSPECTIONS.get(named.name, 'inspection.name');
  const work = registered.inspect(mergeParameters(registered, named, { path: 'inspection' }), { activations, labels, classes, poisoned, seed });
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

function checkList(name: string, given: unknown, of: string): void {
  if (typeof given === 'object' && given !== null && 'length' in given && typeof given.length === 'number') return;
  throw new TypeError(`inspectActivations takes ${name} as an array, ${of} for each sample, and got ${kindOf(given)}`);
}
