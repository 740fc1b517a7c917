/** Accuracy in [0, 1] and mean cross-entropy over the test set, from Σ loss and correct of each chunk, added in the order of the chunks. */
export function evaluationOf(chunks: Float64Array, samples: number): { accuracy: number; loss: number } {
  let lossSum = 0;
  let correct = 0;
  for (let chunk = 0; chunk < chunks.length; chunk += 2) {
    lossSum += chunks[chunk] as number;
    correct += chunks[chunk + 1] as number;
  }
  return { accuracy: correct / samples, loss: lossSum / samples };
}
