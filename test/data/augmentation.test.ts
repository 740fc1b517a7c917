import fc from 'fast-check';
import t from 'tap';
import { augment, augmentation } from '../../lib/data/augmentation.js';
import { Stream } from '../../lib/data/random.js';

t.test('a random image is the image, moved over black by what the stream draws, then mirrored', async () => {
  const side = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(side, side, fc.integer({ min: 1, max: 3 }), fc.subarray(['crop', 'flip'] as const), fc.nat(), (height, width, count, names, seed) => {
      const images = Uint8Array.from({ length: 2 * count * height * width }, (_, at) => 1 + (at % 255));
      const target = new Uint8Array(count * height * width).fill(99);
      augment(images, target.length, target, { count, height, width }, augmentation(names) ?? { cropMargin: 0, flip: false }, new Stream(seed, 'augmentation'));
      const stream = new Stream(seed, 'augmentation');
      const [down, right] = names.includes('crop') ? [stream.below(9) - 4, stream.below(9) - 4] : [0, 0];
      const mirrored = names.includes('flip') && stream.below(2) === 1;
      return target.every((byte, at) => {
        const [plane, y, x] = [Math.floor(at / (height * width)), Math.floor(at / width) % height, at % width];
        const [row, column] = [y + down, (mirrored ? width - 1 - x : x) + right];
        const inside = row >= 0 && row < height && column >= 0 && column < width;
        return byte === (inside ? images[target.length + (plane * height + row) * width + column] : 0);
      });
    }),
  );
});

t.test('nothing asked for is nothing done', async (t) => {
  t.equal(augmentation([]), undefined);
  t.same(augmentation(['flip']), { cropMargin: 0, flip: true });
});
