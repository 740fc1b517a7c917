import { stat } from 'node:fs/promises';
import { DataError } from './dataset.js';
import { isPacked, unpackedChunks } from './unpack.js';

/**
 * The IDX format (LeCun, Cortes and Burges, "The MNIST database"): two zero bytes, the element type (8: unsigned byte), the
 * number of dimensions, each dimension as a big-endian 32-bit integer, then the elements, the last dimension fastest.
 */
const UNSIGNED_BYTE = 0x08;

/** One IDX file of unsigned bytes, found on disk, plain or packed. */
export interface IdxFile {
  readonly path: string;
  readonly dimensions: readonly number[];
}

/**
 * Reads the header of an IDX file of unsigned bytes (`.gz`: unpacked on the way).
 * Throws a DataError that says `remedy` when the type or the number of dimensions is wrong, when the file ends inside the
 * header, or when a plain file's length doesn't fit its header.
 */
export async function readIdxHeader(path: string, rank: number, remedy: string): Promise<IdxFile> {
  const headerBytes = 4 + 4 * rank;
  const header = Buffer.alloc(headerBytes);
  let filled = 0;
  for await (const chunk of unpackedChunks(path, remedy)) {
    filled += chunk.copy(header, filled);
    if (filled === headerBytes) break;
  }
  const file = { path, dimensions: parseHeader(path, header.subarray(0, filled), rank, remedy) };
  if (!isPacked(path)) {
    const found = (await stat(path)).size;
    const expected = headerBytes + elementsOf(file);
    if (found !== expected) throw wrongSize(path, expected, found, remedy);
  }
  return file;
}

/**
 * Unpacks a file's elements straight into `target`, which takes the first `target.length` of them; the rest is read and
 * checked for its length, and dropped. Extra memory: a few chunks of 64 KiB.
 *
 * Throws a DataError that says `remedy` when the header is no longer the one that `file` was read with, when there are fewer
 * or more bytes than the header announces, or when the packed data is damaged.
 */
export async function readIdxElements(file: IdxFile, target: Uint8Array, remedy: string): Promise<void> {
  const elements = elementsOf(file);
  if (target.length > elements) throw new RangeError(`${file.path} has ${elements} elements, the target wants ${target.length}`);
  const headerBytes = 4 + 4 * file.dimensions.length;
  const header = Buffer.alloc(headerBytes);
  let position = 0;
  for await (const chunk of unpackedChunks(file.path, remedy)) {
    let rest: Buffer = chunk;
    if (position < headerBytes) {
      const taken = rest.copy(header, position);
      position += taken;
      rest = rest.subarray(taken);
      if (position === headerBytes) {
        const dimensions = parseHeader(file.path, header, file.dimensions.length, remedy);
        if (dimensions.some((size, axis) => size !== file.dimensions[axis])) {
          throw new DataError(`${file.path} changed while it was being read: its dimensions were ${file.dimensions.join(' × ')} and are ${dimensions.join(' × ')}`);
        }
      }
    }
    const wanted = target.length - (position - headerBytes);
    if (rest.length > 0 && wanted > 0) target.set(rest.subarray(0, wanted), position - headerBytes);
    position += rest.length;
  }
  if (position !== headerBytes + elements) throw wrongSize(file.path, headerBytes + elements, position, remedy);
}

/** The number of elements that the header announces. */
function elementsOf(file: IdxFile): number {
  return file.dimensions.reduce((product, size) => product * size, 1);
}

function parseHeader(path: string, header: Buffer, rank: number, remedy: string): number[] {
  const headerBytes = 4 + 4 * rank;
  if (header.length < headerBytes) {
    throw new DataError(`${path} is truncated: its header needs ${headerBytes} bytes and ${header.length} were found; ${remedy}`);
  }
  const expected = (UNSIGNED_BYTE << 8) | rank;
  const found = header.readUInt32BE(0);
  if (found !== expected) {
    throw new DataError(
      `${path} is no IDX file of unsigned bytes with ${rank} dimension${rank === 1 ? '' : 's'}: ` +
        `expected the magic number ${hexadecimal(expected)}, found ${hexadecimal(found)}; ${remedy}`,
    );
  }
  return Array.from({ length: rank }, (_, axis) => header.readUInt32BE(4 + 4 * axis));
}

function wrongSize(path: string, expected: number, found: number, remedy: string): DataError {
  const what = found < expected ? 'truncated' : 'too long';
  const state = isPacked(path) ? ' unpacked' : '';
  return new DataError(`${path} is ${what}: its header announces ${expected} bytes${state}, found ${found}; ${remedy}`);
}

function hexadecimal(word: number): string {
  return `0x${word.toString(16).padStart(8, '0')}`;
}
