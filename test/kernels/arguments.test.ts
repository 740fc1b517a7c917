import t from 'tap';
import { address, decode, encode, number } from '../../lib/kernels/arguments.js';
import { OPERATIONS } from '../../lib/kernels/operations.js';
import { MAXIMUM_ARGUMENTS } from '../../lib/memory/phases.js';

t.test('arguments arrive under their names, in whatever order they were written down', async (t) => {
  const shape = { table: address, n: number, factor: number };
  const written = { factor: -0.5, n: 3, table: address(4_294_900_000) };
  const numbers = encode(shape, written);
  t.same(numbers, [4_294_900_000, 3, -0.5]);
  t.same(decode(shape, (index) => numbers[index]!), written);
});

t.test('a phase has room for the arguments of every operation', async (t) => {
  for (const [name, { takes }] of Object.entries(OPERATIONS)) t.ok(Object.keys(takes).length <= MAXIMUM_ARGUMENTS, name);
});
