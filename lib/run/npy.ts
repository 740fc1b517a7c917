import { createHash } from 'node:crypto';

/** Bytes to which NumPy's format aligns the data. */
const ALIGNMENT = 64;

/** A vector of float32 in NumPy's .npy format, version 1.0 (numpy.lib.format), little-endian. */
export function encodeNpy(values: Float32Array): Uint8Array {
  const description = `{'descr': '<f4', 'fortran_order': False, 'shape': (${values.length},), }`;
  const preamble = 10;
  const headerLength = Math.ceil((preamble + description.length + 1) / ALIGNMENT) * ALIGNMENT - preamble;
  const bytes = new Uint8Array(preamble + headerLength + 4 * values.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, headerLength & 0xff, headerLength >> 8]);
  bytes.set(new TextEncoder().encode(`${description.padEnd(headerLength - 1)}\n`), preamble);
  bytes.set(littleEndianBytes(values), preamble + headerLength);
  return bytes;
}

/** The float32 values as bytes, least significant first, on any machine. */
export function littleEndianBytes(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) view.setFloat32(4 * i, values[i] as number, true);
  return bytes;
}

/** SHA-256 of the values as little-endian float32, in lower-case hexadecimal: what names the outcome of a run. */
export function hashOfParameters(parameters: Float32Array): string {
  return createHash('sha256').update(littleEndianBytes(parameters)).digest('hex');
}
