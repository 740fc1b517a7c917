import { PCA } from 'ml-pca';

/** Points on their first `components` principal components, or on all where there are no more; undefined when they are all the same or not finite. */
export function principalComponents(points: readonly Float32Array[], components: number): number[][] | undefined {
  const [first] = points;
  if (first === undefined || !points.every((point) => point.every(Number.isFinite))) return undefined;
  // A unit that is the same for all has nothing to say, and of a ReLU network many are dead.
  const alive = Array.from(first.keys()).filter((unit) => points.some((point) => point[unit] !== first[unit]));
  if (alive.length === 0) return undefined;
  const data = points.map((point) => alive.map((unit) => point[unit] as number));
  const analysis = new PCA(data, { method: 'covarianceMatrix', center: true, scale: false });
  return analysis.predict(data, { nComponents: Math.min(components, alive.length) }).to2DArray();
}
