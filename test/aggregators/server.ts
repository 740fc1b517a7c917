import { AGGREGATORS } from '../../lib/aggregators/registry.js';
import type { AggregateOptions } from '../../lib/pipeline/aggregate.js';
import * as reference from './reference.js';

/** The options that a rule with a server's data needs, here made of the rows: their median is trusted, and a step is as good as it is near. */
export function served(rule: { readonly name: string }, rows: readonly Float32Array[]): Pick<AggregateOptions, 'trusted' | 'score'> {
  const needs = AGGREGATORS.get(rule.name).needs;
  if (needs === undefined) return {};
  const centre = reference.median(rows.filter((row) => row.every(Number.isFinite)));
  if (needs === 'trusted-row') return { trusted: Float32Array.from(centre) };
  return { score: (row) => -row.reduce((sum, value, k) => sum + (value - centre[k]!) ** 2, 0) };
}
