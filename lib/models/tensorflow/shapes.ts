/** How a batch in memory, samples × channels × height × width, becomes what a model takes. */
export interface InputLayout {
  /** What is read from memory, without the samples. */
  readonly shape: readonly number[];
  /** Channels have to come last. */
  readonly transposed: boolean;
}

/** The layout for a model's input, `wanted` being its shape without the samples, null where anything fits; undefined when samples of this shape don't. */
export function layoutFor(wanted: readonly (number | null)[], [height, width, channels]: readonly [height: number, width: number, channels: number]): InputLayout | undefined {
  const fits = (...shape: number[]): boolean => shape.length === wanted.length && shape.every((length, axis) => (wanted[axis] ?? length) === length);
  // One channel is last and first at once.
  if (fits(height, width, channels)) return channels === 1 ? { shape: [height, width, 1], transposed: false } : { shape: [channels, height, width], transposed: true };
  if (fits(channels, height, width)) return { shape: [channels, height, width], transposed: false };
  if (channels === 1 && fits(height, width)) return { shape: [height, width], transposed: false };
  if (fits(channels * height * width)) return { shape: [channels * height * width], transposed: false };
  return undefined;
}

/** As messages have it. */
export function formatDimensions(shape: readonly (number | null)[]): string {
  return `[${shape.map((length) => length ?? 'any').join(', ')}]`;
}
