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

t.test('what can’t be put in place leaves nothing', async (t) => {
  const folder = t.testdir({ report: { taken: '' } });
  t.throws(() => { writeWhole(join(folder, 'report'), 'text'); }, { code: /EISDIR|ENOTEMPTY|EEXIST|EPERM/ });
  t.same(readdirSync(folder), ['report']);
});

t.test('what stands where it is written first is refused and stays', async (t) => {
  const folder = t.testdir({ 'report.partial': 'another’s' });
  t.throws(() => { writeWhole(join(folder, 'report'), 'text'); }, { code: 'EEXIST' });
  t.same(readdirSync(folder), ['report.partial']);
  t.equal(readFileSync(join(folder, 'report.partial'), 'utf8'), 'another’s');
});
