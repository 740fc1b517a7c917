/** What a sample is on its way through a network: channel by channel, row by row, as PyTorch has it and as CIFAR's bytes come. A vector is channels alone. */
export interface Shape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** A sample that is `size` values without a place. */
export function vector(size: number): Shape {
  return { channels: size, height: 1, width: 1 };
}

export function sizeOf({ channels, height, width }: Shape): number {
  return channels * height * width;
}

/** As messages have it. */
export function formatShape({ channels, height, width }: Shape): string {
  return `${channels} × ${height} × ${width} (channels × height × width)`;
}
