import t from 'tap';
import fc from 'fast-check';
import { compileExpression } from '../../lib/scenario/expression.js';
import { ScenarioError } from '../../lib/scenario/problems.js';
import { problemsOf } from './refusal.js';

const VARIABLES = ['t', 'n', 'f'];
const VALUES = { t: 7, n: 51, f: 12 };

const evaluate = (source: number | string): number => compileExpression(source, VARIABLES)(VALUES);

t.test('expressions have the value that JavaScript gives them', (t) => {
  const cases: [string, number][] = [
    ['0.1 * 10000 / (t + 10000)', (0.1 * 10000) / (7 + 10000)],
    ['2t', 14],
    ['-t^2', -49],
    ['n % f', 3],
    ['5%', 0.05],
    ['t < 5 ? 1 : 2', 2],
    ['5 < t < 9 ? 1 : 2', 1],
    ['t >= 7 and not (f == 3) or n != 51 ? 10 : 20', 10],
    ['max(t, n, f) - min(t, n, f)', 44],
    ['sqrt(16) + cbrt(27) + abs(-2) + sign(-9)', 8],
    ['floor(2.7) + ceil(2.2) + round(2.5)', 8],
    ['exp(0) + log(e) + log2(8) + log10(100) + log(8, 2)', 10],
    ['cos(0) + sin(0) + tan(0) + tanh(0)', 1],
    ['0.05 * (1 + cos(pi * t / 7))', 0],
    ['pow(2, 10) + mod(9, 4)', 1025],
    ['1e3 + .5 + 0x10', 1016.5],
  ];
  for (const [source, value] of cases) t.ok(Math.abs(evaluate(source) - value) < 1e-12, `${source} is ${value}`);
  t.end();
});

t.test('a number stands for itself', (t) => {
  fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => evaluate(number) === number));
  t.match(problemsOf(() => compileExpression(Number.NaN, VARIABLES, 'learningRate')), { learningRate: /NaN is not a finite number/ });
  t.end();
});

t.test('a compiled expression gives the same for the same values, whatever came between', (t) => {
  const compiled = compileExpression('t * f + n', VARIABLES);
  fc.assert(
    fc.property(fc.nat(1e6), fc.nat(1e4), fc.nat(1e4), (round, n, f) => compiled({ t: round, n, f }) === round * f + n),
  );
  t.end();
});

/** What mathjs could run, and what is not to be run. */
const REFUSED: readonly (readonly [source: string, message: RegExp])[] = [
  ['t = 3', /contains an assignment; allowed: numbers, t, n, f, pi, e,/],
  ['g(x) = x', /the definition of a function/],
  ['t.constructor', /the access of a property/],
  ['t["constructor"]', /the access of a property/],
  ['cos.constructor("return process")()', /can't be read/],
  ['cos.constructor("return process")', /a call of something that is not a named function/],
  ['(1).toString()', /a call of something that is not a named function/],
  ['[1, 2]', /a list/],
  ['{ a: 1 }', /an object/],
  ['1:3', /a range/],
  ['1; 2', /several expressions/],
  ['t\nn', /several expressions/],
  ['"text"', /the constant "text"/],
  ["'text'", /the constant "text"/],
  ['null', /the constant null/],
  ['undefined', /nothing|undefined/],
  ['NaN', /the constant/],
  ['Infinity', /the constant/],
  ['1e999', /the constant/],
  ['t!', /the operator "!"/],
  ["t'", /the operator "'"/],
  ['t | 1', /the operator "\|"/],
  ['t ?? 1', /the operator "\?\?"/],
  ['3 cm', /the name "cm"/],
  ['3 to n', /the operator "to"/],
  ['i', /the name "i"/],
  ['x', /the name "x"/],
  ['__proto__', /the name "__proto__"/],
  ['constructor', /the name "constructor"/],
  ['sqrt', /the name "sqrt"/],
  ['t(3)', /the function "t"/],
  ['import({})', /the function "import"/],
  ['evaluate("1")', /the function "evaluate"/],
  ['parse("1")', /the function "parse"/],
  ['compile("1")', /the function "compile"/],
  ['createUnit("x")', /the function "createUnit"/],
  ['simplify("1")', /the function "simplify"/],
  ['derivative("x", "x")', /the function "derivative"/],
  ['random()', /the function "random"/],
  ['factorial(3)', /the function "factorial"/],
  ['toString()', /the function "toString"/],
  ['sqrt()', /sqrt with 0 arguments \(it takes 1\)/],
  ['sqrt(1, 2)', /sqrt with 2 arguments/],
  ['log(1, 2, 3)', /log with 3 arguments \(it takes 1 or 2\)/],
  ['min()', /min with 0 arguments/],
  ['', /nothing/],
  ['   ', /nothing/],
  ['# comment', /nothing/],
  ['1 +', /can't be read/],
  ['(1', /can't be read/],
  ['1 $ 2', /the name "\$"/],
  ['1 2', /can't be read/],
  ['t -> n', /can't be read/],
];

for (const [source, message] of REFUSED) {
  t.test(`refused: ${JSON.stringify(source)}`, (t) => {
    t.match(problemsOf(() => compileExpression(source, VARIABLES, 'attack.z')), { 'attack.z': message });
    t.end();
  });
}

t.test('refused: too long, or nested too deeply', (t) => {
  t.match(problemsOf(() => compileExpression('1'.repeat(1001), VARIABLES, 'z')), { z: /at most 1000 characters, and this one 1001/ });
  t.match(problemsOf(() => compileExpression(`${'('.repeat(499)}t${')'.repeat(499)}`, VARIABLES, 'z')), { z: /nested too deeply/ });
  t.end();
});

t.test('a result that is no finite number is refused with the values that gave it', (t) => {
  const cases: [string, RegExp][] = [
    ['1 / (t - 7)', /the expression "1 \/ \(t - 7\)" gives Infinity, which is not a finite number, for t = 7, n = 51, f = 12/],
    ['0 / (t - 7)', /gives NaN/],
    ['sqrt(-t)', /gives NaN/],
    ['10 ^ 999', /gives Infinity/],
    ['t > 3', /gives true/],
  ];
  for (const [source, message] of cases) {
    const compiled = compileExpression(source, VARIABLES, 'learningRate');
    t.match(problemsOf(() => compiled(VALUES)), { learningRate: message }, source);
  }
  t.end();
});

t.test('a variable without a value is refused', (t) => {
  t.match(problemsOf(() => compileExpression('t', VARIABLES, 'z')({ n: 1, f: 0 })), { z: /t/ });
  t.end();
});

t.test('any text is compiled or refused with a ScenarioError, and any result is finite', (t) => {
  const tokens = fc.constantFrom('t', 'n', 'f', 'x', '1', '0.5', '1e400', '+', '-', '*', '/', '^', '%', '(', ')', '[', ']', '{', '}', ',', ';', ':', '?', '=', '<', '!', "'", '"', '.', ' ', 'sqrt', 'log', 'import', 'constructor', 'and', 'to');
  const text = fc.oneof(fc.array(tokens, { maxLength: 12 }).map((parts) => parts.join('')), fc.string());
  fc.assert(
    fc.property(text, (source) => {
      try {
        return Number.isFinite(evaluate(source));
      } catch (error) {
        return error instanceof ScenarioError;
      }
    }),
    { numRuns: 2000 },
  );
  t.end();
});
