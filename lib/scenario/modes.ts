import { z } from 'zod';
import { registry } from '../registry/registry.js';

/** One way to train: what a scenario may say of it. The loop itself is training's. */
export interface Mode<Given extends object = object> {
  readonly name: string;
  readonly description: string;
  readonly source: string;
  readonly parameters: z.ZodType<Given>;
}

const synchronous: Mode = {
  name: 'synchronous',
  description: 'every round each worker reports a row, the rule is applied once, the parameters move once',
  source: '–',
  parameters: z.strictObject({}),
};

/** Every mode, in the order of the catalogue. */
export const MODES = registry<Mode>('mode', [synchronous]);
