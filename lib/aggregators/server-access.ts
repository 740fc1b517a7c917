import type { RowTable } from '../kernels/work.js';
import type { Work } from '../kernels/task.js';
import type { Address } from '../memory/regions.js';

/** What a rule may need of a server that has samples of its own: a row that it trusts, or how much each row helps. */
export type ServerNeed = 'trusted-row' | 'score';

/** A server with samples of its own, as work for whoever runs the rule. L is the mean loss over these samples, θ the parameters. */
export interface ServerAccess {
  /** The round's learning rate. */
  readonly learningRate: number;
  /** Where the gradient of L at θ lies: d float32, only to be read. */
  trustedRow(): Work<Address>;
  /** L(θ) − L(θ − gamma · row) for each row. NaN where neither is a number. */
  scores(rows: RowTable, gamma: number): Work<Float64Array>;
}

/** In words, for the catalogue and for refusals: how each need is met in a scenario, and in `aggregate()`. */
export const SERVER_NEEDS: Readonly<Record<ServerNeed, { readonly what: string; readonly option: 'trusted' | 'score' }>> = {
  'trusted-row': { what: 'a gradient on samples at the server', option: 'trusted' },
  score: { what: 'the loss on samples at the server', option: 'score' },
};

/** What a rule needs and how it is given, in a scenario and to `aggregate()`. */
export function describeNeed(need: ServerNeed): string {
  const { what, option } = SERVER_NEEDS[need];
  return `${what}: server.samples in a scenario, the option "${option}" of aggregate()`;
}

/** The access that a rule needs. Throws a TypeError when whoever runs it has none. */
export function serverOf(rule: string, server: ServerAccess | undefined): ServerAccess {
  if (server === undefined) throw new TypeError(`${rule} needs a server with samples of its own, and here is none`);
  return server;
}
