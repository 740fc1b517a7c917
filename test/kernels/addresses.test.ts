import t from 'tap';
import { selectionNetwork, sortingNetwork } from '../../lib/kernels/network.js';
import { eigenpairLength } from '../../lib/kernels/sizes.js';
import { isAvailable, Workbench } from './workbench.js';
import { numbers, rowsOf, uniform } from './arbitraries.js';

/** All of a 4 GiB memory but the last page, of which the tests touch only the last few. */
const PAGES = 65_535;
const BYTES = PAGES * 65_536;

for (const kind of (['strict', 'relaxed'] as const).filter(isAvailable)) {
  t.test(`${kind}: kernels work above 2 GiB as below, and read nothing beyond the memory's end`, async (t) => {
    const high = new Workbench(kind, PAGES);
    high.bytes(BYTES - 65_536 - 262_144);
    const results = [new Workbench(kind), high].map(runAll);
    t.same(results[1], results[0]);
  });
}

function runAll(bench: Workbench): number[][] {
  const { kernels } = bench;
  const random = uniform(3);
  const [n, d] = [7, 53];
  const results: number[][] = [];
  const table = bench.table(rowsOf(random, n, d));
  const scratch = bench.bytes(kernels.columnScratch(n));
  const distances = bench.doubles((n * (n - 1)) / 2);
  const outputs = Array.from({ length: 5 }, () => bench.floats(new Float32Array(d)));
  const [mean, median, nearest, product, normalized] = outputs.map((output) => output.address) as [never, never, never, never, never];
  const selection = selectionNetwork(n, 3, 3);
  const sorting = sortingNetwork(n);
  kernels.mean(table, n, 0, d, mean);
  results.push(...runDirections(bench));
  kernels.subsetMeans(table, n, bench.octets([13, 7]), 1, 0, d, bench.words([product]), scratch);
  results.push([...outputs[3]!.view]);
  kernels.sortedMean(table, n, 0, d, median, bench.words(selection), selection.length / 2, 3, 3, scratch);
  kernels.nearestMean(table, n, 0, d, nearest, bench.words(sorting), sorting.length / 2, 4, 3, 3, scratch);
  kernels.squaredDistances(table, n, 0, n, 0, d, distances.address, scratch);
  kernels.multiply(bench.floats(numbers(random, 5 * 11)).address, bench.floats(numbers(random, 11 * 9)).address, product, 5, 9, 11, bench.bytes(kernels.multiplyWorkspace(5, 9, 11)));
  kernels.normalize(bench.octets(Array.from({ length: d }, (_, at) => at)), normalized, d, 0.1, -1);
  kernels.relu(normalized, d);
  results.push(...outputs.map(({ view }) => [...view]), [...distances.view]);
  results.push([kernels.hasNonFinite(bench.lastRow(numbers(random, d)), 0, d), kernels.squaredNorm(bench.lastRow(numbers(random, d)), 0, d)]);
  const last = bench.lastRow(numbers(random, d));
  kernels.mean(bench.words([last, last, last]), 3, 0, d, mean);
  kernels.copy(mean, last, 0, d);
  results.push([...outputs[0]!.view]);
  const three = bench.words([last, last, last]);
  const doubles = bench.doubles(3);
  kernels.squaredDistancesTo(three, 3, 0, d, nearest, doubles.address);
  results.push([...doubles.view]);
  kernels.projections(three, 3, 0, d, nearest, last, doubles.address);
  results.push([...doubles.view]);
  kernels.weightedSum(three, doubles.address, 3, 0, d, mean, bench.bytes(kernels.columnScratch(3)));
  kernels.majoritySign(three, 3, 0, d, median);
  results.push([...outputs[0]!.view, ...outputs[1]!.view]);
  const products = bench.doubles(6);
  kernels.innerProducts(three, 3, 0, 3, 0, d, products.address, scratch, 0);
  const counts = bench.doubles(6);
  kernels.countSigns(three, 3, bench.words([0, 7, d - 1]), 0, 3, counts.address);
  results.push([...products.view, ...counts.view]);
  const splits = bench.doubles(d);
  kernels.twoMeans(table, n, 0, d, splits.address, mean, median, bench.words(sorting), sorting.length / 2, scratch);
  const smaller = bench.doubles(n + 1);
  kernels.countSmaller(table, n, 0, d, splits.address, mean, median, 0.1, smaller.address);
  kernels.addToSums(last, splits.address, 0, d);
  results.push([...splits.view, ...smaller.view, ...outputs[0]!.view, ...outputs[1]!.view]);
  return results;
}

/** Coordinates that are drawn, and what is made of pairwise distances. */
function runDirections(bench: Workbench): number[][] {
  const { kernels } = bench;
  const drawn = bench.doubles(5);
  kernels.drawCoordinates(bench.words([1, 2, 3, 4]), 10, 70, bench.words([0, 0, 0]), drawn.address);
  const points = [0, 1, 3, 7, 8];
  const squared = bench.doubles(25);
  squared.view.set(points.flatMap((x) => points.map((y) => (x - y) ** 2)));
  const weights = bench.doubles(4);
  weights.view.fill(0.25);
  const workspace = bench.doubles(eigenpairLength(4));
  const output = bench.doubles(5);
  const members = bench.words([0, 1, 3, 4]);
  kernels.centreProducts(squared.address, 5, members, weights.address, 4, workspace.address);
  kernels.tridiagonalise(workspace.address, 4, 3, 0);
  kernels.projectOnDominant(squared.address, 5, members, weights.address, 4, workspace.address, output.address);
  return [[...drawn.view], [...output.view]];
}
