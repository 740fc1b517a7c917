import { z } from 'zod';

/** One way to train: the loop that the main thread runs. */
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

export const MODES: Readonly<Record<string, Mode>> = { synchronous };
