import fc from 'fast-check';
import t from 'tap';
import { isClose, numbers, seeds, uniform } from './arbitraries.js';
import { WORKBENCHES } from './workbench.js';

const small = fc.integer({ min: 1, max: 4 });

for (const bench of WORKBENCHES) {
  const { kernels } = bench;

  t.test(`${bench.kind}: group normalisation and its gradient are the formulas', and nothing else is written`, async () => {
    fc.assert(
      fc.property(small, small, small, fc.integer({ min: 1, max: 23 }), fc.constantFrom(0, 1000), fc.boolean(), seeds, (batch, groups, channelsOfGroup, positions, centre, wanted, seed) => {
        bench.reset();
        const random = uniform(seed);
        const channels = groups * channelsOfGroup;
        const size = batch * channels * positions;
        const x = bench.floats(numbers(random, size).map((value) => value + centre));
        const parameters = bench.floats(numbers(random, 2 * channels));
        const slopes = bench.floats(numbers(random, size));
        const filled = (length: number) => bench.floats(new Float32Array(length).fill(NaN));
        const [output, parametersGradient, inputGradient] = [filled(size), filled(2 * channels), filled(size)];
        const statistics = bench.doubles(2 * batch * groups).address;
        kernels.groupNorm(x.address, parameters.address, output.address, statistics, batch, channels, positions, groups);
        const none = 0 as typeof x.address;
        kernels.groupNormBackward(
          x.address, parameters.address, slopes.address, statistics, parametersGradient.address, wanted ? inputGradient.address : none,
          bench.doubles(2 * channels).address, batch, channels, positions, groups,
        );
        const wantedParameters = new Float64Array(2 * channels);
        const length = channelsOfGroup * positions;
        let right = true;
        for (let begin = 0; begin < size; begin += length) {
          const channelAt = (k: number): number => Math.floor((begin + k) / positions) % channels;
          const own = Array.from(x.view.subarray(begin, begin + length));
          const mean = own.reduce((sum, value) => sum + value, 0) / length;
          const deviation = Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / length + 1e-5);
          const normalised = own.map((value) => (value - mean) / deviation);
          const scaled = own.map((_, k) => slopes.view[begin + k]! * parameters.view[channelAt(k)]!);
          const slope = scaled.reduce((sum, value) => sum + value, 0) / length;
          const along = scaled.reduce((sum, value, k) => sum + value * normalised[k]!, 0) / length;
          normalised.forEach((value, k) => {
            const channel = channelAt(k);
            right &&= isClose(output.view[begin + k]!, value * parameters.view[channel]! + parameters.view[channels + channel]!, 2e-7, 1 + Math.abs(value));
            wantedParameters[channel]! += slopes.view[begin + k]! * value;
            wantedParameters[channels + channel]! += slopes.view[begin + k]!;
            right &&= !wanted || isClose(inputGradient.view[begin + k]!, (scaled[k]! - slope - value * along) / deviation, 1e-6, (1 + Math.abs(value)) / deviation);
          });
        }
        right &&= wanted || inputGradient.view.every(Number.isNaN);
        right &&= parametersGradient.view.every((value, k) => isClose(value, wantedParameters[k]!, 1e-6, 10));
        return right && [x, parameters, slopes, output, parametersGradient, inputGradient].every((region) => region.intact());
      }),
    );
  });

  t.test(`${bench.kind}: add is the sum, into a third place or one of the two`, async () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.constantFrom(0, 1, 2), seeds, (length, place, seed) => {
        bench.reset();
        const random = uniform(seed);
        const [x, y, z] = [bench.floats(numbers(random, length)), bench.floats(numbers(random, length)), bench.floats(new Float32Array(length))];
        const sums = x.view.map((value, k) => value + y.view[k]!);
        const target = [x, y, z][place]!;
        kernels.add(x.address, y.address, target.address, 0, length);
        return target.view.every((value, k) => value === sums[k]) && [x, y, z].every((region) => region.intact());
      }),
    );
  });
}
