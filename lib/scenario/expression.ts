import { createRequire } from 'node:module';
import type { MathNode } from 'mathjs';
import { either, show } from '../registry/names.js';
import { refuse } from './problems.js';

/** Values of an expression's variables. */
export type Values = Readonly<Record<string, number>>;

const LONGEST = 1000;
const CONSTANTS: ReadonlySet<string> = new Set(['pi', 'e']);
/** Operators by mathjs's name of them. `5%` is a division by 100. */
const OPERATORS: ReadonlySet<string> = new Set([
  'add', 'subtract', 'multiply', 'divide', 'pow', 'mod', 'unaryMinus', 'unaryPlus',
  'smaller', 'smallerEq', 'larger', 'largerEq', 'equal', 'unequal', 'and', 'or', 'not',
]);
/** Functions and how many arguments they take, at least and at most. */
const FUNCTIONS: ReadonlyMap<string, readonly [least: number, most: number]> = new Map([
  ['sqrt', [1, 1]], ['cbrt', [1, 1]], ['exp', [1, 1]], ['log', [1, 2]], ['log2', [1, 1]], ['log10', [1, 1]],
  ['min', [1, 16]], ['max', [1, 16]], ['abs', [1, 1]], ['sign', [1, 1]], ['floor', [1, 1]], ['ceil', [1, 1]], ['round', [1, 1]],
  ['sin', [1, 1]], ['cos', [1, 1]], ['tan', [1, 1]], ['tanh', [1, 1]], ['pow', [2, 2]], ['mod', [2, 2]],
]);

/**
 * A function of the named variables from a number or a mathjs expression. The expression is parsed once and its syntax tree
 * checked: numbers, the variables, pi and e, + − * / ^ %, comparisons, and, or, not, `condition ? a : b`, and a list of functions.
 * The function throws a ScenarioError when its result is not a finite number; `path` is where its problems are said to be.
 * Throws a ScenarioError for everything else that mathjs would run (assignments, property access, strings, units, import …).
 */
export function compileExpression(source: number | string, variables: readonly string[], path = ''): (values: Values) => number {
  if (typeof source === 'number') {
    if (!Number.isFinite(source)) refuse(path, `${source} is not a finite number`);
    return () => source;
  }
  if (source.length > LONGEST) refuse(path, `an expression has at most ${LONGEST} characters, and this one ${source.length}`);
  const tree = parse(source, variables, path);
  const code = tree.compile();
  return (values) => {
    const result = evaluate(() => code.evaluate(values) as unknown, source, path);
    if (typeof result === 'number' && Number.isFinite(result)) return result;
    return refuse(path, `the expression ${show(source)} gives ${String(result)}, which is not a finite number, for ${describeValues(variables, values)}`);
  };
}

/** `t = 0, n = 51, f = 12`. */
export function describeValues(variables: readonly string[], values: Values): string {
  return variables.map((name) => `${name} = ${values[name] ?? 'unset'}`).join(', ');
}

function parse(source: string, variables: readonly string[], path: string): MathNode {
  const tree = evaluate(() => mathjs().parse(source), source, path);
  evaluate(() => { checkNode(tree, source, variables, path); }, source, path);
  return tree;
}

/** Runs it, and turns what mathjs throws (syntax errors, a stack that overflows on thousands of brackets) into a ScenarioError. */
function evaluate<T>(run: () => T, source: string, path: string): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof RangeError) return refuse(path, `the expression ${show(source)} is nested too deeply`);
    if (error instanceof Error && error.name !== 'ScenarioError') {
      return refuse(path, `the expression ${show(source)} can't be read: ${error.message}`);
    }
    throw error;
  }
}

function checkNode(node: MathNode, source: string, variables: readonly string[], path: string): void {
  const found = unwanted(node, variables);
  if (found !== undefined) {
    const names = [...variables, ...CONSTANTS].join(', ');
    refuse(
      path,
      `the expression ${show(source)} contains ${found}; allowed: numbers, ${names}, + - * / ^ %, comparisons, and, or, not, ` +
        `condition ? a : b, and the functions ${[...FUNCTIONS.keys()].join(', ')}`,
    );
  }
  for (const child of children(node)) checkNode(child, source, variables, path);
}

/** What about this node, its children aside, is not allowed; undefined when it is. */
function unwanted(node: MathNode, variables: readonly string[]): string | undefined {
  const part = node as Part;
  switch (part.type) {
    case 'ConstantNode':
      if (part.value === undefined) return 'nothing';
      return typeof part.value === 'boolean' || Number.isFinite(part.value) ? undefined : `the constant ${show(part.value)}`;
    case 'SymbolNode':
      return variables.includes(part.name) || CONSTANTS.has(part.name) ? undefined : `the name ${show(part.name)}`;
    case 'OperatorNode':
      return OPERATORS.has(part.fn) ? undefined : `the operator ${show(part.op)}`;
    case 'FunctionNode': {
      if (part.fn.type !== 'SymbolNode') return 'a call of something that is not a named function';
      const arity = FUNCTIONS.get(part.fn.name);
      if (arity === undefined) return `the function ${show(part.fn.name)}`;
      const [least, most] = arity;
      if (part.args.length >= least && part.args.length <= most) return undefined;
      return `${part.fn.name} with ${part.args.length} arguments (it takes ${either(least === most ? [String(least)] : [String(least), String(most)])})`;
    }
    case 'ParenthesisNode':
    case 'ConditionalNode':
    case 'RelationalNode':
      return undefined;
    default:
      return part.type in UNWANTED ? UNWANTED[part.type] : `a ${part.type}`;
  }
}

/** A function's name is no variable: it is checked with the call. */
function children(node: MathNode): readonly MathNode[] {
  if (node.type === 'FunctionNode') return (node as unknown as { args: MathNode[] }).args;
  const found: MathNode[] = [];
  node.forEach((child) => found.push(child));
  return found;
}

/** The fields of mathjs's nodes that are read here. */
type Part =
  | { type: 'ConstantNode'; value: unknown }
  | { type: 'SymbolNode'; name: string }
  | { type: 'OperatorNode'; fn: string; op: string }
  | { type: 'FunctionNode'; fn: { type: string; name: string }; args: readonly MathNode[] }
  | { type: 'ParenthesisNode' | 'ConditionalNode' | 'RelationalNode' }
  | { type: keyof typeof UNWANTED };

const UNWANTED = {
  AssignmentNode: 'an assignment',
  FunctionAssignmentNode: 'the definition of a function',
  AccessorNode: 'the access of a property or an index',
  IndexNode: 'an index',
  ArrayNode: 'a list',
  ObjectNode: 'an object',
  RangeNode: 'a range',
  BlockNode: 'several expressions',
} as const;

type Mathjs = Pick<typeof import('mathjs'), 'parse'>;
let loaded: Mathjs | undefined;

/** Loading mathjs takes most of a second and 40 MB, so only a scenario with an expression pays for it; its numbers-only build is enough. */
function mathjs(): Mathjs {
  loaded ??= createRequire(import.meta.url)('mathjs/number') as Mathjs;
  return loaded;
}
