/** The kernels' exports: what `lib/kernels/kernels.ts` declares, file by file. */
export { multiply, multiplyTransposedA, multiplyTransposedB } from './matrix';
export { addBias, relu, reluBackward, sumRows, softmaxCrossEntropy, crossEntropySum, countCorrect, normalize } from './layers';
export { mean, combine, meanAndDeviation, shiftedMean, forensics, hasNonFinite, squaredNorm } from './rows';
export { squaredDistances } from './distances';
export { weightedSum, squaredDistancesTo, projections } from './points';
export { innerProducts, addToSums } from './products';
export { majoritySign, countSigns } from './votes';
export { dotProducts } from './dot-products';
export { sortedMean, nearestMean } from './columns';
export { twoMeans, countSmaller } from './splits';
export { spreadAlong, movedMean } from './directions';
export { fill, copy, add, gather, scale, addScaled, decayAndAdd } from './updates';
export { convolution, convolutionParametersGradient, convolutionInputGradient } from './convolution';
export { maxPool, maxPoolBackward, averagePool, averagePoolBackward } from './pooling';
export { groupNorm, groupNormBackward } from './normalisation';
export { dropout } from './dropout';
