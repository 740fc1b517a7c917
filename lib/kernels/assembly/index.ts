/** The kernels' exports: what `lib/kernels/kernels.ts` declares, file by file. */
export { multiply, multiplyTransposedA, multiplyTransposedB } from './matrix';
export { addBias, relu, reluBackward, sumRows, softmaxCrossEntropy, crossEntropySum, countCorrect, normalize } from './layers';
export { mean, combine, meanAndDeviation, shiftedMean, forensics, hasNonFinite, squaredNorm } from './rows';
export { squaredDistances } from './distances';
export { weightedSum, squaredDistancesTo } from './points';
export { majoritySign } from './votes';
export { sortedMean, nearestMean } from './columns';
export { spreadAlong, movedMean } from './directions';
export { fill, copy, scale, addScaled, decayAndAdd } from './updates';
export { svmUpdates, svmEvaluate } from './hogwild/svm';
export { factorUpdates, factorEvaluate, cutUpdates, cutEvaluate, cutCorrect } from './hogwild/pairs';
export { projectOntoSimplex } from './hogwild/simplex';
export { hogwildWrite } from './hogwild/write';
