import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { writeWhole } from '../../lib/run/write-whole.js';

t.test('the file has the text, and nothing is beside it', async (t) => {
  const folder = t.testdir();
  writeWhole(join(folder, 'report'), 'all of it');
  t.same(readdirSync(folder), ['report']);
  t.equal(readFileSync(join(folder, 'report'), 'utf8'), 'all of it');
});

t.test('what is there is refused and stays', async (t) => {
  const folder = t.testdir({ report: 'mine' });
  t.throws(() => { writeWhole(join(folder, 'report'), 'text'); }, /already.*nothing is ever overwritten/);
  t.same(readdirSync(folder), ['report']);
  t.equal(readFileSync(join(folder, 'report'), 'utf8'), 'mine');
});

t.test('what can’t be written leaves nothing', async (t) => {
  const folder = t.testdir();
  t.throws(() => { writeWhole(join(folder, 'report'), Symbol() as unknown as string); }, TypeError);
  t.same(readdirSync(folder), []);
});

t.test('what stands where it is written first is refused and stays', async (t) => {
  const folder = t.testdir({ 'report.partial': 'another’s' });
  t.throws(() => { writeWhole(join(folder, 'report'), 'text'); }, { code: 'EEXIST' });
  t.same(readdirSync(folder), ['report.partial']);
  t.equal(readFileSync(join(folder, 'report.partial'), 'utf8'), 'another’s');
});
