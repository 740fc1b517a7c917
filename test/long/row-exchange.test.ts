import t from 'tap';
import { RowReader } from '../../lib/training/asynchronous/exchange.js';
import { exchangeRows } from '../training/asynchronous/exchanges.js';

t.test('a million rows, written by a thread while they are read: none is taken torn, and no version of the parameters changes while it is read', { timeout: 3_000_000 }, async (t) => {
  const found = await exchangeRows(RowReader, 1_000_000, { d: 512 });
  t.comment(JSON.stringify(found));
  t.equal(found.taken, 1_000_000);
  t.equal(found.torn, 0);
  t.equal(found.tornVersions, 0);
});
