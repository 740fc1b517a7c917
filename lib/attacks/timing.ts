import { z } from 'zod';
import type { Named } from '../registry/parameters.js';
import type { Attack } from './attack.js';

/** What an attack does to when rows are sent. */
export type Timing =
  | { readonly kind: 'silent' }
  | { readonly kind: 'stale' }
  | { readonly kind: 'flood'; readonly factor: number; readonly lie: Named };

interface TimingAttack<Given extends object> {
  readonly name: string;
  readonly formula: string;
  readonly parameters?: z.ZodType<Given>;
  readonly timing: (given: Given) => Timing;
}

/** An attack on when rows are sent, which the modes `asynchronous` and `downpour` carry out. */
export function timingAttack<Given extends object = object>({ name, formula, parameters, timing }: TimingAttack<Given>): Attack<Given, Timing> {
  return {
    name,
    formula,
    source: '–',
    precondition: 'mode asynchronous or downpour',
    parameters: parameters ?? (z.strictObject({}) as unknown as z.ZodType<Given>),
    presets: {},
    expressions: [],
    resolve: timing,
    timing: (resolved) => resolved,
    knowledge: () => 'own',
    shared: () => false,
    check: () => undefined,
    warn: () => undefined,
    memory: () => ({}),
    // eslint-disable-next-line require-yield
    *craft() {
      throw new TypeError(`${name} acts on when rows are sent, not on what is in them: only the modes asynchronous and downpour can carry it out`);
    },
  };
}
