import type { Stream } from './random.js';

/**
 * What happens to a training image at random when it is drawn, to its bytes, before they are normalised. Nothing numerical is
 * imported here, because the threads run it.
 */
export interface Augmentation {
  /** Pixels of a black margin, in which a window of the image's size is chosen; 0 for none. */
  readonly cropMargin: number;
  /** Mirrored from left to right half of the time. */
  readonly flip: boolean;
}

export const UNCHANGED: Augmentation = { cropMargin: 0, flip: false };

/** He et al. 2016 and most since: a margin of 4. */
const CROP_MARGIN = 4;

/** What the names stand for; undefined when there are none. */
export function augmentation(names: readonly ('crop' | 'flip')[]): Augmentation | undefined {
  return names.length === 0 ? undefined : { cropMargin: names.includes('crop') ? CROP_MARGIN : 0, flip: names.includes('flip') };
}

/** Where the planes of an image lie, and how large they are. */
export interface Planes {
  readonly count: number;
  readonly height: number;
  readonly width: number;
}

/**
 * Writes a random version of the image at `offset` of `images` to `target` (its bytes, plane by plane). Draws from the stream the row and the
 * column of the window, when it crops, and then the mirror, when it flips: the same for all planes.
 */
export function augment(images: Uint8Array, offset: number, target: Uint8Array, { count, height, width }: Planes, { cropMargin, flip }: Augmentation, stream: Stream): void {
  const down = cropMargin > 0 ? stream.below(2 * cropMargin + 1) - cropMargin : 0;
  const right = cropMargin > 0 ? stream.below(2 * cropMargin + 1) - cropMargin : 0;
  const mirrored = flip && stream.below(2) === 1;
  const from = Math.max(0, right);
  const to = Math.min(width, width + right);
  for (let row = 0; row < count * height; row++) {
    const own = target.subarray(row * width, (row + 1) * width);
    const y = (row % height) + down;
    if (y < 0 || y >= height || from >= to) {
      own.fill(0);
      continue;
    }
    const start = offset + (row + down) * width;
    if (right !== 0) own.fill(0);
    own.set(images.subarray(start + from, start + to), from - right);
    if (mirrored) own.reverse();
  }
}
