/**
 * The shapes behind the data set `digits`: each class has some ways of writing its digit, each way is a few strokes, and a stroke
 * is a list of points in the unit square (x to the right, y down) that a smooth curve or a polyline runs through.
 */
export interface Glyph {
  readonly points: Float64Array;
  /** Pairs of point numbers: the ends of the glyph's line segments. */
  readonly segments: Uint16Array;
}

type Point = readonly [x: number, y: number];

interface Stroke {
  readonly kind: 'curve' | 'line';
  readonly through: readonly Point[];
}

/** Straight pieces a curve is cut into between two of its points. */
const PIECES = 3;

const curve = (...through: readonly Point[]): Stroke => ({ kind: 'curve', through });
const line = (...through: readonly Point[]): Stroke => ({ kind: 'line', through });

const WAYS: readonly (readonly (readonly Stroke[])[])[] = [
  [
    [curve([0.5, 0.01], [0.26, 0.14], [0.16, 0.5], [0.26, 0.86], [0.5, 0.99], [0.74, 0.86], [0.84, 0.5], [0.74, 0.14], [0.5, 0.01])],
    [curve([0.62, 0.05], [0.36, 0.08], [0.22, 0.38], [0.22, 0.72], [0.4, 0.98], [0.66, 0.9], [0.8, 0.58], [0.76, 0.22], [0.52, 0], [0.42, 0.12])],
    [curve([0.5, 0.05], [0.2, 0.22], [0.12, 0.55], [0.3, 0.9], [0.62, 0.93], [0.88, 0.66], [0.84, 0.28], [0.5, 0.05])],
  ],
  [
    [line([0.5, 0], [0.5, 1])],
    [line([0.3, 0.24], [0.54, 0], [0.52, 1])],
    [line([0.32, 0.2], [0.52, 0.01], [0.52, 0.98]), line([0.26, 0.99], [0.78, 0.98])],
  ],
  [
    [curve([0.2, 0.25], [0.32, 0.06], [0.56, 0], [0.76, 0.13], [0.75, 0.36], [0.54, 0.64], [0.2, 0.97]), line([0.2, 0.97], [0.84, 0.95])],
    [curve([0.2, 0.2], [0.45, 0.01], [0.73, 0.1], [0.74, 0.36], [0.52, 0.7], [0.27, 0.96], [0.14, 0.86], [0.3, 0.75], [0.56, 0.93], [0.88, 0.9])],
    [curve([0.16, 0.14], [0.5, 0.02], [0.8, 0.18], [0.7, 0.48], [0.18, 0.94]), curve([0.18, 0.94], [0.45, 0.86], [0.86, 0.98])],
  ],
  [
    [curve([0.2, 0.13], [0.48, 0], [0.75, 0.13], [0.71, 0.36], [0.42, 0.47]), curve([0.42, 0.47], [0.75, 0.55], [0.82, 0.78], [0.55, 0.99], [0.18, 0.9])],
    [line([0.2, 0.03], [0.76, 0.03], [0.46, 0.4]), curve([0.46, 0.4], [0.76, 0.5], [0.8, 0.79], [0.52, 1], [0.18, 0.9])],
    [curve([0.24, 0.08], [0.62, 0.02], [0.76, 0.22], [0.56, 0.43], [0.44, 0.47], [0.58, 0.48], [0.8, 0.66], [0.68, 0.94], [0.26, 0.99])],
  ],
  [
    [line([0.26, 0], [0.16, 0.56], [0.86, 0.54]), line([0.7, 0.06], [0.66, 1])],
    [line([0.64, 1], [0.64, 0], [0.12, 0.66], [0.9, 0.66])],
    [curve([0.22, 0.06], [0.18, 0.36], [0.34, 0.52], [0.58, 0.46], [0.74, 0.32]), line([0.78, 0], [0.72, 0.5], [0.7, 1])],
  ],
  [
    [line([0.78, 0.02], [0.3, 0.02], [0.26, 0.44]), curve([0.26, 0.44], [0.54, 0.36], [0.8, 0.55], [0.76, 0.86], [0.48, 1], [0.16, 0.9])],
    [curve([0.8, 0.04], [0.46, 0.03], [0.3, 0.16], [0.32, 0.36], [0.6, 0.5], [0.74, 0.72], [0.58, 0.97], [0.2, 0.95])],
    [line([0.34, 0.08], [0.28, 0.45]), curve([0.28, 0.45], [0.6, 0.4], [0.78, 0.64], [0.64, 0.94], [0.22, 0.95]), line([0.34, 0.06], [0.82, 0])],
  ],
  [
    [curve([0.7, 0.02], [0.4, 0.2], [0.22, 0.56], [0.26, 0.88], [0.5, 1], [0.75, 0.87], [0.76, 0.64], [0.54, 0.5], [0.28, 0.66])],
    [curve([0.44, 0], [0.28, 0.34], [0.2, 0.7], [0.34, 0.97], [0.62, 0.96], [0.76, 0.76], [0.6, 0.58], [0.36, 0.66], [0.24, 0.82])],
    [curve([0.62, 0], [0.42, 0.3], [0.3, 0.72], [0.44, 0.98], [0.64, 0.88], [0.66, 0.68], [0.48, 0.62], [0.32, 0.78])],
  ],
  [
    [line([0.15, 0.04], [0.84, 0.03], [0.42, 1])],
    [line([0.15, 0.05], [0.84, 0.03], [0.44, 1]), line([0.34, 0.5], [0.8, 0.48])],
    [line([0.14, 0.2], [0.18, 0.03]), curve([0.18, 0.03], [0.5, 0.08], [0.84, 0.02], [0.62, 0.4], [0.5, 1])],
  ],
  [
    [curve([0.74, 0.14], [0.48, 0], [0.26, 0.16], [0.36, 0.38], [0.62, 0.55], [0.78, 0.78], [0.52, 1], [0.24, 0.8], [0.38, 0.55], [0.68, 0.36], [0.74, 0.14])],
    [
      curve([0.5, 0.01], [0.3, 0.1], [0.3, 0.36], [0.5, 0.46], [0.7, 0.36], [0.7, 0.1], [0.5, 0.01]),
      curve([0.5, 0.46], [0.24, 0.6], [0.24, 0.88], [0.5, 0.99], [0.76, 0.88], [0.76, 0.6], [0.5, 0.46]),
    ],
    [curve([0.82, 0.06], [0.5, 0.04], [0.3, 0.22], [0.48, 0.46], [0.66, 0.72], [0.5, 0.97], [0.26, 0.84], [0.4, 0.56], [0.66, 0.34], [0.8, 0.02])],
  ],
  [
    [curve([0.74, 0.24], [0.54, 0.01], [0.28, 0.11], [0.24, 0.36], [0.46, 0.5], [0.7, 0.36], [0.75, 0.18]), curve([0.75, 0.18], [0.73, 0.6], [0.6, 1])],
    [curve([0.72, 0.16], [0.46, 0.02], [0.24, 0.2], [0.34, 0.46], [0.62, 0.42], [0.72, 0.16]), line([0.73, 0.1], [0.7, 1])],
    [curve([0.72, 0.2], [0.5, 0.02], [0.26, 0.18], [0.32, 0.46], [0.6, 0.44], [0.74, 0.2], [0.76, 0.64], [0.6, 0.98], [0.28, 0.92])],
  ],
];

/** The ways of writing each digit, cut into line segments. */
export const GLYPHS: readonly (readonly Glyph[])[] = WAYS.map((ways) => ways.map(toGlyph));

function toGlyph(strokes: readonly Stroke[]): Glyph {
  const points: number[] = [];
  const segments: number[] = [];
  for (const { kind, through } of strokes) {
    const path = kind === 'curve' ? smooth(through) : divide(through);
    path.forEach(([x, y], position) => {
      const point = points.length / 2;
      if (position > 0) segments.push(point - 1, point);
      points.push(x, y);
    });
  }
  return { points: Float64Array.from(points), segments: Uint16Array.from(segments) };
}

/** The uniform Catmull–Rom spline through the points (Catmull and Rom 1974), its ends doubled, or wrapped when it is closed. */
function smooth(through: readonly Point[]): Point[] {
  const last = through.length - 1;
  const at = (i: number): Point => through[i] as Point;
  const closed = at(0)[0] === at(last)[0] && at(0)[1] === at(last)[1];
  const path: Point[] = [at(0)];
  for (let i = 0; i < last; i++) {
    const before = i > 0 ? at(i - 1) : closed ? at(last - 1) : at(0);
    const after = i + 2 <= last ? at(i + 2) : closed ? at(1) : at(last);
    for (let piece = 1; piece <= PIECES; piece++) {
      const t = piece / PIECES;
      const along = (axis: 0 | 1): number => spline(before[axis], at(i)[axis], at(i + 1)[axis], after[axis], t);
      path.push([along(0), along(1)]);
    }
  }
  return path;
}

function spline(a: number, b: number, c: number, d: number, t: number): number {
  return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

/** A polyline with a point in the middle of each edge, so that a distortion can bend it. */
function divide(through: readonly Point[]): Point[] {
  return through.flatMap((point, i): Point[] => {
    const next = through[i + 1];
    return next === undefined ? [point] : [point, [(point[0] + next[0]) / 2, (point[1] + next[1]) / 2]];
  });
}
