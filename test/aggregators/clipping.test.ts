import t from 'tap';
import { aggregate, type AggregatorState } from '../../lib/pipeline/aggregate.js';
import { agrees, majority, TOLERANCE } from './agreement.js';
import * as reference from './reference.js';
import { difference, normalRows, runPipeline } from './rows.js';

const zero = (rows: readonly Float32Array[]): number[] => Array.from(rows[0]!, () => 0);

agrees('norm-clipping', majority, 'norm-clipping', (rows) => reference.normClipping(rows));
agrees('norm-clipping (tau = 2.5)', majority, { name: 'norm-clipping', tau: 2.5 }, (rows) => reference.normClipping(rows, 2.5));
agrees('centered-clipping', majority, 'centered-clipping', (rows) => reference.centeredClipping(rows, zero(rows), 10, 1));
agrees('centered-clipping (tau = 1.5, L = 4)', majority, { name: 'centered-clipping', tau: 1.5, L: 4 }, (rows) => reference.centeredClipping(rows, zero(rows), 1.5, 4));

t.test('far rows are clipped to the digit, from 1e-40 to 3e38', async (t) => {
  const rows = normalRows(9, 33);
  for (const value of [1e-40, 1e20, -3e38]) {
    const given = rows.map((row, i) => (i % 4 === 1 ? new Float32Array(33).fill(value) : row));
    t.ok(difference(aggregate('norm-clipping', given), reference.normClipping(given)) <= TOLERANCE, `${value}`);
    t.ok(difference(aggregate({ name: 'norm-clipping', tau: 1e-3 }, given).map((x) => 1e3 * x), reference.normClipping(given, 1e-3).map((x) => 1e3 * x)) <= TOLERANCE, `${value}`);
    for (const L of [1, 3]) {
      t.ok(difference(aggregate({ name: 'centered-clipping', L }, given), reference.centeredClipping(given, zero(rows), 10, L)) <= TOLERANCE, `${value}, L = ${L}`);
    }
  }
});

t.test('one row, and the weight of a clipped one', async (t) => {
  const [row] = normalRows(1, 50) as [Float32Array];
  t.same(aggregate('norm-clipping', [row]), row);
  t.same(aggregate({ name: 'centered-clipping', tau: 100 }, [row]), row);
  const rows = [[3, 4], [0, 1], [0, 0]].map((values) => Float32Array.from(values));
  t.same([...runPipeline({ aggregator: { name: 'norm-clipping', f: 1 } }, rows).weights!], [1 / 15, 1 / 3, 1 / 3]);
  t.same([...runPipeline({ aggregator: { name: 'norm-clipping', tau: 2.5, f: 1 } }, rows).weights!], [1 / 6, 1 / 3, 1 / 3]);
  t.same([...runPipeline({ aggregator: { name: 'centered-clipping', tau: 2.5, f: 1 } }, rows).weights!], [1 / 6, 1 / 3, 1 / 3]);
});

t.test('rows that are not all 0 but most: the median norm is 0, and so is the aggregate', async (t) => {
  const rows = [[0, 0], [0, 0], [1, 2]].map((values) => Float32Array.from(values));
  t.same(aggregate('norm-clipping', rows), Float32Array.of(0, 0));
});

t.test('centred clipping goes on from the last aggregate, whoever is removed', async (t) => {
  const state: AggregatorState = {};
  let v = Array.from({ length: 30 }, () => 0);
  for (let round = 0; round < 12; round++) {
    const rows = normalRows(8, 30, round + 1, 5);
    const given = round === 5 ? rows.with(3, new Float32Array(30).fill(NaN)) : rows;
    v = reference.centeredClipping(rows.filter((_, i) => round !== 5 || i !== 3), v, 2, 2);
    t.ok(difference(aggregate({ name: 'centered-clipping', tau: 2, L: 2 }, given, { f: 1, round, state }), v) <= TOLERANCE, `round ${round}`);
  }
  t.same(Object.keys(state), ['v']);
  const rows = normalRows(8, 30);
  t.same(aggregate('centered-clipping', rows), aggregate('centered-clipping', rows), 'and starts afresh without a state');
});
