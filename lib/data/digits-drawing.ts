import { GLYPHS, type Glyph } from './digits-glyphs.js';
import { Stream } from './random.js';

/**
 * Draws one sample of the data set `digits`. Everything is done by + − × ÷, square root and integers on doubles, which IEEE 754
 * rounds the same way everywhere; no sine, power or exponential, whose last bits differ between engines.
 */

/** The seed of the data set: a constant, no parameter. */
const SEED = 20_190_216;
const SIDE = 28;

/** Height and width of a glyph, in pixels, before it is distorted. */
const HEIGHT = 19;
const WIDTH = 16;

/** The distortions. Each is drawn evenly between minus and plus its strength, or as a sum of such. */
const STRENGTH = {
  scale: 0.22,
  rotation: 0.28,
  slant: 0.3,
  shift: 1.8,
  bend: 2.6,
};
/** Half the width of a stroke, in pixels. */
const THINNEST = 0.55;
const THICKEST = 1.55;

/** Full ink of the palest stroke, the part of its ink that a pixel may lose, the most specks and their most grey. */
const PALEST = 170;
const GRAIN = 0.3;
const MOST_SPECKS = 4;
const SPECK = 100;

/** The displacement field: GRID × GRID nodes over the glyph, interpolated between. */
const GRID = 4;

// Scratch, so that nothing is allocated for a sample.
const fieldX = new Float64Array(GRID * GRID);
const fieldY = new Float64Array(GRID * GRID);
const placed = new Float64Array(2 * 64);
const depth = new Float64Array(SIDE * SIDE);

/** Draws sample `sample` of part `part` at `images[offset …]`, 784 bytes, and returns its label. */
export function drawDigit(part: number, sample: number, images: Uint8Array, offset: number): number {
  const stream = new Stream(SEED, 'digits', sample, part);
  const label = stream.below(GLYPHS.length);
  const ways = GLYPHS[label] as readonly Glyph[];
  const glyph = ways[stream.below(ways.length)] as Glyph;
  placePoints(glyph, stream);
  const thickness = THINNEST + (THICKEST - THINNEST) * stream.uniform();
  const paler = thickness * (0.75 + 0.25 * stream.uniform());
  depth.fill(-1);
  drawSegments(glyph, thickness, paler);
  inkPixels(stream, images, offset);
  scatterSpecks(stream, images, offset);
  return label;
}

/** Puts the glyph's points, distorted, at pixel coordinates in `placed`. */
function placePoints(glyph: Glyph, stream: Stream): void {
  const even = (strength: number): number => strength * (2 * stream.uniform() - 1);
  // A rotation without sine: (1 − t²)/(1 + t²) and 2t/(1 + t²) are the cosine and sine of twice the angle whose tangent is t.
  const t = even(STRENGTH.rotation) / 2;
  const cosine = (1 - t * t) / (1 + t * t);
  const sine = (2 * t) / (1 + t * t);
  const width = WIDTH * (1 + even(STRENGTH.scale));
  const height = HEIGHT * (1 + even(STRENGTH.scale));
  const slant = even(STRENGTH.slant);
  const centreX = (SIDE - 1) / 2 + even(STRENGTH.shift);
  const centreY = (SIDE - 1) / 2 + even(STRENGTH.shift);
  for (let node = 0; node < GRID * GRID; node++) {
    fieldX[node] = even(STRENGTH.bend);
    fieldY[node] = even(STRENGTH.bend);
  }
  const { points } = glyph;
  for (let i = 0; i < points.length; i += 2) {
    const x = points[i] as number;
    const y = points[i + 1] as number;
    const down = (y - 0.5) * height;
    const right = (x - 0.5) * width - slant * down;
    const cellX = x * (GRID - 1);
    const cellY = y * (GRID - 1);
    placed[i] = centreX + cosine * right - sine * down + interpolate(fieldX, cellX, cellY);
    placed[i + 1] = centreY + sine * right + cosine * down + interpolate(fieldY, cellX, cellY);
  }
}

/** The field at (x, y) in cells: between the four nodes around, each axis weighted by 3t² − 2t³, which leaves no creases. */
function interpolate(field: Float64Array, x: number, y: number): number {
  const column = clamp(Math.floor(x), 0, GRID - 2);
  const row = clamp(Math.floor(y), 0, GRID - 2);
  const u = clamp(x - column, 0, 1);
  const v = clamp(y - row, 0, 1);
  const right = u * u * (3 - 2 * u);
  const down = v * v * (3 - 2 * v);
  const node = row * GRID + column;
  const above = (field[node] as number) * (1 - right) + (field[node + 1] as number) * right;
  const below = (field[node + GRID] as number) * (1 - right) + (field[node + GRID + 1] as number) * right;
  return above * (1 - down) + below * down;
}

/** For each pixel near a segment: how deep inside the stroke its centre lies, in pixels; the deepest of all segments counts. */
function drawSegments(glyph: Glyph, thicknessAtStart: number, thicknessAtEnd: number): void {
  const { segments } = glyph;
  const reach = thicknessAtStart + 0.5;
  for (let s = 0; s < segments.length; s += 2) {
    const a = 2 * (segments[s] as number);
    const b = 2 * (segments[s + 1] as number);
    const ax = placed[a] as number;
    const ay = placed[a + 1] as number;
    const bx = placed[b] as number;
    const by = placed[b + 1] as number;
    const dx = bx - ax;
    const dy = by - ay;
    const squared = dx * dx + dy * dy;
    const inverse = squared > 0 ? 1 / squared : 0;
    const half = thicknessAtStart + (thicknessAtEnd - thicknessAtStart) * (s / segments.length);
    const left = clamp(Math.ceil((ax < bx ? ax : bx) - reach), 0, SIDE - 1);
    const right = clamp(Math.floor((ax < bx ? bx : ax) + reach), 0, SIDE - 1);
    const top = clamp(Math.ceil((ay < by ? ay : by) - reach), 0, SIDE - 1);
    const bottom = clamp(Math.floor((ay < by ? by : ay) + reach), 0, SIDE - 1);
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const along = clamp(((x - ax) * dx + (y - ay) * dy) * inverse, 0, 1);
        const offX = x - ax - along * dx;
        const offY = y - ay - along * dy;
        const inside = half - Math.sqrt(offX * offX + offY * offY);
        const pixel = y * SIDE + x;
        if (inside > (depth[pixel] as number)) depth[pixel] = inside;
      }
    }
  }
}

/** Turns depth into grey: full ink from half a pixel inside on, none from half a pixel outside, and a grain over it. */
function inkPixels(stream: Stream, images: Uint8Array, offset: number): void {
  const ink = PALEST + (255 - PALEST) * stream.uniform();
  for (let pixel = 0; pixel < SIDE * SIDE; pixel++) {
    const cover = (depth[pixel] as number) + 0.5;
    if (cover <= 0) images[offset + pixel] = 0;
    else images[offset + pixel] = ink * (cover < 1 ? cover : 1) * (1 - GRAIN * stream.uniform());
  }
}

/** Adds grey to a few pixels anywhere. */
function scatterSpecks(stream: Stream, images: Uint8Array, offset: number): void {
  for (let specks = stream.below(MOST_SPECKS + 1); specks > 0; specks--) {
    const place = offset + stream.below(SIDE * SIDE);
    const grey = (images[place] as number) + stream.below(SPECK);
    images[place] = grey < 255 ? grey : 255;
  }
}

function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}
