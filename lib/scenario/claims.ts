import type { Aggregator } from '../aggregators/aggregator.js';
import type { Properties, RuleProperties } from '../aggregators/properties.js';
import { AGGREGATORS } from '../aggregators/registry.js';
import type { Preaggregator } from '../preaggregators/preaggregator.js';
import { PREAGGREGATORS } from '../preaggregators/registry.js';
import { mergeParameters } from '../registry/parameters.js';

/** What a rule or pre-aggregator says of itself, for the catalogue. */
export interface Claims {
  /** By preset; under `default` what a rule without presets claims. */
  readonly properties: Readonly<Record<string, Properties | RuleProperties>>;
  /** The limit on (standard deviation / norm) of the honest rows under which it is proven, and by whom. */
  readonly bound?: string;
  /** The proven (f, κ)-robustness coefficient κ, and by whom. */
  readonly robustness?: string;
  /** Whose rule a preset computes. */
  readonly reproduces?: Readonly<Record<string, string>>;
}

/** Undefined for what is neither a rule nor a pre-aggregator. */
export function claimsOf(kind: string, name: string): Claims | undefined {
  if (kind === 'preaggregator') return { properties: propertiesOf(PREAGGREGATORS.get(name)) };
  if (kind !== 'aggregator') return undefined;
  const rule = AGGREGATORS.get(name);
  return {
    properties: propertiesOf(rule),
    ...(rule.boundSource === undefined ? {} : { bound: rule.boundSource }),
    ...(rule.robustnessSource === undefined ? {} : { robustness: rule.robustnessSource }),
    ...(rule.reproduces === undefined ? {} : { reproduces: { ...rule.reproduces } }),
  };
}

function propertiesOf(rule: Aggregator | Preaggregator): Readonly<Record<string, Properties>> {
  const { name, presets, example } = rule;
  const names = Object.keys(presets);
  const claimed = (preset: object): Properties => rule.properties(mergeParameters<object>(rule, { name, ...example, ...preset }));
  if (names.length === 0) return { default: claimed({}) };
  return Object.fromEntries(names.map((preset) => [preset, claimed({ preset })]));
}
