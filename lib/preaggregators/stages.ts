import type { Shape } from '../aggregators/aggregator.js';
import { PreconditionError } from '../aggregators/errors.js';
import { mergeParameters, type Named, type Parameterised } from '../registry/parameters.js';
import type { Registry } from '../registry/registry.js';
import type { Preaggregator } from './preaggregator.js';

/** What pre-aggregators and rules have in common. */
interface Rule extends Parameterised {
  resolve(given: object, shape: Shape): object;
  check(shape: Shape, parameters: object): string | undefined;
  impossible?(shape: Shape, parameters: object): string | undefined;
}

/** A pre-aggregator or rule with its parameters, for the rows that reach it when none is removed. */
export interface Stage<Of extends Rule> {
  readonly rule: Of;
  readonly given: object;
  readonly shape: Shape;
  readonly parameters: object;
  /** The precondition that breaks; undefined when none does. */
  readonly broken: string | undefined;
  /** The part of it that `allowUnsafe` can't lift, because nothing is left to compute. */
  readonly impossible: string | undefined;
}

/** Throws a ParameterError for an unknown name, preset or parameter. `beside`: keys that are no parameters. */
export function stageOf<Of extends Rule>(registry: Registry<Of>, named: Named, shape: Shape, beside: readonly string[] = []): Stage<Of> {
  const rule = registry.get(named.name);
  const given = mergeParameters(rule, named, { beside });
  const parameters = rule.resolve(given, shape);
  const impossible = rule.impossible?.(shape, parameters);
  return { rule, given, shape, parameters, broken: rule.check(shape, parameters) ?? impossible, impossible };
}

/** The stages of a chain of pre-aggregators for rows of a shape, and the shape that comes out. Throws as `stageOf` does. */
export function chainStages(
  registry: Registry<Preaggregator>, preaggregators: readonly Named[], incoming: Shape,
): { readonly stages: readonly Stage<Preaggregator>[]; readonly shape: Shape } {
  let shape = incoming;
  const stages = preaggregators.map((named) => {
    const stage = stageOf(registry, named, shape);
    shape = { ...shape, n: stage.rule.rowsOut(shape, stage.parameters) };
    return stage;
  });
  return { stages, shape };
}

/** Throws a PreconditionError unless the stage may run. */
export function refuseBroken({ broken, impossible }: Pick<Stage<Rule>, 'broken' | 'impossible'>, allowUnsafe: boolean): void {
  if (broken !== undefined && !allowUnsafe) throw new PreconditionError(broken);
  if (impossible !== undefined) throw new PreconditionError(`${impossible}; allowUnsafe can't lift this`);
}
