import { compileExpression } from './expression.js';

const WORDS: Readonly<Record<string, (staleness: number) => number>> = {
  constant: () => 1,
  inverse: (staleness) => 1 / (1 + staleness),
  exponential: (staleness) => Math.exp(-staleness / 10),
};

/**
 * What a row counts for by its staleness s, the number of steps since the parameters that it was computed with: a word, or an expression over s, n
 * and f. The function throws a ScenarioError when an expression's value is no finite number.
 */
export function compileDamping(damping: string, { n, f }: { readonly n: number; readonly f: number }): (staleness: number) => number {
  const word = WORDS[damping];
  if (word !== undefined) return word;
  const evaluate = compileExpression(damping, ['s', 'n', 'f'], 'mode.damping');
  return (s) => evaluate({ s, n, f });
}
