import { show } from '../registry/names.js';
import { compileExpression, describeValues, type Values } from './expression.js';
import { VARIABLES } from './parameters.js';
import { refuse } from './problems.js';

/** The learning rate as a function of t, n, f. The function throws a ScenarioError for a rate that is not finite or below 0. */
export function compileLearningRate(learningRate: number | string): (values: Values) => number {
  const evaluate = compileExpression(learningRate, VARIABLES, 'learningRate');
  return (values) => {
    const rate = evaluate(values);
    if (rate >= 0) return rate;
    return refuse('learningRate', `the expression ${show(learningRate)} gives ${rate}, and it must be at least 0, for ${describeValues(VARIABLES, values)}`);
  };
}
