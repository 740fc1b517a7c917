/**
 * Eigenvalues and eigenvectors of a symmetric, positive semidefinite matrix, by Jacobi's rotations: descending values, and the vector of each.
 * Small ones are good to the greatest one's rounding.
 */
export function jacobi(matrix: readonly (readonly number[])[]): { values: number[]; vectors: number[][] } {
  const m = matrix.length;
  const a = matrix.map((line) => [...line]);
  const v = a.map((_, i) => a.map((__, j) => Number(i === j)));
  const nothing = 1e-16 * Math.max(...a.map((line, i) => line[i]!));
  for (let sweep = 0; sweep < 60; sweep++) {
    let rotated = false;
    for (let p = 0; p < m; p++) {
      for (let q = p + 1; q < m; q++) {
        if (Math.abs(a[p]![q]!) <= nothing) continue;
        rotated = true;
        const theta = (a[q]![q]! - a[p]![p]!) / (2 * a[p]![q]!);
        const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
        const cosine = 1 / Math.hypot(tangent, 1);
        const sine = tangent * cosine;
        const turn = (line: number[]): void => {
          const [x, y] = [line[p]!, line[q]!];
          line[p] = cosine * x - sine * y;
          line[q] = sine * x + cosine * y;
        };
        for (const line of a) turn(line);
        for (let k = 0; k < m; k++) {
          const [x, y] = [a[p]![k]!, a[q]![k]!];
          a[p]![k] = cosine * x - sine * y;
          a[q]![k] = sine * x + cosine * y;
        }
        for (const line of v) turn(line);
      }
    }
    if (!rotated) break;
  }
  const order = a.map((_, i) => i).sort((i, j) => a[j]![j]! - a[i]![i]!);
  return { values: order.map((i) => a[i]![i]!), vectors: order.map((i) => v.map((line) => line[i]!)) };
}
