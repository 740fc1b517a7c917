import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { DataError } from './dataset.js';

/** Large enough that the stream's machinery costs nothing beside the unpacking, small enough to stay in the cache. */
const CHUNK_BYTES = 65_536;

/** A file's bytes, chunk by chunk (`.gz`: unpacked on the way). Throws a DataError that says `remedy` when it can't be read or is damaged. */
export async function* unpackedChunks(path: string, remedy: string): AsyncGenerator<Buffer, void, undefined> {
  const packed = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const stream = isPacked(path) ? gunzipped(packed) : packed;
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (cause) {
    throw readError(path, cause, remedy);
  } finally {
    packed.destroy();
  }
}

function gunzipped(packed: Readable): Readable {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  // pipe() does not hand errors on: a file that can't be read has to end the unpacking too.
  packed.on('error', (error) => gunzip.destroy(error));
  return packed.pipe(gunzip);
}

/** How every gzip file begins (RFC 1952). */
const MAGIC = [0x1f, 0x8b] as const;
/** What it ends with: the unpacked length, modulo 2³². */
const LENGTH_BYTES = 4;

/**
 * The unpacked length that a gzip file notes at its end, without unpacking it: of a file that was cut it is any number. Throws a DataError that says
 * `remedy` when the file can't be read or is no gzip file at all.
 */
export async function notedLength(path: string, remedy: string): Promise<number> {
  const { head, trailer, size } = await endsOf(path).catch((cause: unknown) => {
    throw readError(path, cause, remedy);
  });
  if (!MAGIC.every((byte, place) => head[place] === byte)) throw new DataError(`${path} is no gzip file: it doesn't begin as one; ${remedy}`);
  if (size < MAGIC.length + LENGTH_BYTES) throw new DataError(`${path} is a damaged gzip file: it has ${size} bytes; ${remedy}`);
  return trailer.readUInt32LE(0);
}

async function endsOf(path: string): Promise<{ readonly head: Buffer; readonly trailer: Buffer; readonly size: number }> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const head = Buffer.alloc(MAGIC.length);
    const trailer = Buffer.alloc(LENGTH_BYTES);
    await file.read(head, 0, head.length, 0);
    await file.read(trailer, 0, trailer.length, Math.max(0, size - trailer.length));
    return { head, trailer, size };
  } finally {
    await file.close();
  }
}

export function isPacked(path: string): boolean {
  return path.endsWith('.gz');
}

function readError(path: string, cause: unknown, remedy: string): unknown {
  if (cause instanceof DataError || !(cause instanceof Error)) return cause;
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  const what = code.startsWith('Z_') ? 'is a damaged gzip file' : "can't be read";
  return new DataError(`${path} ${what} (${cause.message}); ${remedy}`, { cause });
}
