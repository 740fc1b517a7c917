import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { run } from '../scenarios/command.js';

/** A folder with the module in it, and what the command makes of it. */
async function examine(t: Test, module: string, ...options: string[]) {
  const cwd = t.testdir();
  writeFileSync(join(cwd, 'mine.mjs'), module);
  return run(['conformance', './mine.mjs', ...options], { cwd });
}

const MEAN = `const mean = ({ rows, n, d }) => Float32Array.from({ length: d }, (_, k) => rows.reduce((sum, row) => sum + row[k], 0) / n);`;

t.test('a rule that is what it claims: exit code 0, and JSON alone on stdout whatever it prints', async (t) => {
  const module = `${MEAN} export default { name: 'mine', properties: { order: true, meanWithoutByzantine: true }, aggregate(input) { console.log('chatter'); return mean(input); } };`;
  const { code, stdout } = await examine(t, module, '--json');
  t.equal(code, 0);
  t.match(JSON.parse(stdout), { passed: true, rules: [{ label: 'mine', passed: true }] });
});

t.test('a false claim: exit code 1, and the table says which', async (t) => {
  const { code, stdout } = await examine(t, `${MEAN} export const aggregate = { name: 'mine', properties: { order: false }, aggregate: mean };`);
  t.equal(code, 1);
  t.match(stdout, /FAILED\n +mine, order: it is claimed not to hold, and no counterexample was found/);
});

t.test('a rule without an end is ended, and one that ends its thread is no success', async (t) => {
  const endless = await examine(t, `${MEAN} export default { name: 'mine', aggregate(input) { while (input.n > 10); return mean(input); } };`, '--limit', '2');
  t.equal(endless.code, 1);
  t.match(endless.stdout, /n = 11, f = 2.*no end within 2 s/);
  const quitting = await examine(t, 'export default { name: "mine", aggregate() { process.exit(0); } };');
  t.equal(quitting.code, 1);
  t.match(quitting.stdout, /the rule ended its thread with code 0/);
});

t.test('what is no rule is refused with exit code 2', async (t) => {
  for (const [module, says] of [['export const x = 1;', /has to export a rule/], ['export default {', /mine\.mjs/], [`${MEAN} export default { name: 'mine', properties: { scale: 2 }, aggregate: mean };`, /properties\.scale: 2 is not allowed/]] as const) {
    const { code, stderr } = await examine(t, module);
    t.equal(code, 2);
    t.match(stderr, says);
  }
  const { code, stderr } = await run(['conformance', './nobody.mjs'], { cwd: t.testdir() });
  t.equal(code, 2);
  t.match(stderr, /nobody\.mjs: there is no such file/);
});
