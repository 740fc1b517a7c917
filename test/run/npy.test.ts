import fc from 'fast-check';
import t from 'tap';
import { encodeNpy, littleEndianBytes } from '../../lib/run/npy.js';

/** Reads .npy as NumPy's format description 1.0 says, nothing more lenient. */
function readNpy(bytes: Uint8Array): { header: string; values: number[] } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (String.fromCharCode(...bytes.subarray(0, 6)) !== '\x93NUMPY') throw new Error('no magic string');
  if (bytes[6] !== 1 || bytes[7] !== 0) throw new Error('not version 1.0');
  const start = 10 + view.getUint16(8, true);
  if (start % 64 !== 0) throw new Error('data not aligned');
  const header = new TextDecoder().decode(bytes.subarray(10, start));
  if (!header.endsWith('\n')) throw new Error('header without newline');
  return { header, values: Array.from({ length: (bytes.byteLength - start) / 4 }, (_, i) => view.getFloat32(start + 4 * i, true)) };
}

t.test('a vector survives: shape, type and every bit', async () => {
  fc.assert(
    fc.property(fc.float32Array({ maxLength: 3000 }), (values) => {
      const { header, values: read } = readNpy(encodeNpy(values));
      const shape = /'shape': \((\d+),\)/.exec(header);
      return header.includes("'descr': '<f4'") && header.includes("'fortran_order': False") && Number(shape?.[1]) === values.length && read.every((value, i) => Object.is(value, values[i]));
    }),
  );
});

t.test('bytes are least significant first', async (t) => {
  t.same([...littleEndianBytes(Float32Array.of(1, -2))], [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
});
