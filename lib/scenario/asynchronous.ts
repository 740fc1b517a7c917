import { mergeParameters } from '../registry/parameters.js';
import { join } from '../registry/problems.js';
import type { Policy, PolicyShape } from '../policies/policy.js';
import { POLICIES } from '../policies/registry.js';
import type { Named, RunConfiguration } from './configuration.js';
import { type AsynchronousParameters, MODES } from './modes.js';

/** What the mode `asynchronous` of a scenario comes to. */
export interface ConfiguredPolicy extends Omit<AsynchronousParameters, 'policy'> {
  readonly policy: Policy;
  /** The policy's own, resolved. */
  readonly parameters: object;
}

export function isAsynchronous({ mode }: Pick<RunConfiguration, 'mode'>): boolean {
  return mode.name === 'asynchronous';
}

export function isOnRealClock(configuration: Pick<RunConfiguration, 'mode'>): boolean {
  return isAsynchronous(configuration) && configuration.mode['clock'] === 'real';
}

/** Throws a ParameterError when the mode's parameters are not allowed. */
export function configuredPolicy({ mode, workers, aggregator }: Pick<RunConfiguration, 'mode' | 'workers' | 'aggregator'>): ConfiguredPolicy {
  const { policy: given, ...rest } = mergeParameters(MODES.get('asynchronous'), mode, { path: 'mode' }) as AsynchronousParameters;
  const named: Named = typeof given === 'string' ? { name: given } : (given as Named);
  const policy = POLICIES.get(named.name, join('mode', 'policy'));
  // Defaults and preconditions of policies depend on n and f, never on d.
  const shape: PolicyShape = { n: workers, f: aggregator.f, d: 0 };
  return { ...rest, policy, parameters: policy.resolve(mergeParameters(policy, named, { path: 'mode.policy' }), shape) };
}
