import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { z } from 'zod';
import { DataError } from '../dataset.js';

/** The file's path: as given when that is absolute, else in the first folder that has it. Throws a DataError that says where it was looked for. */
async function findTextFile(dataset: string, key: string, file: string, folders: readonly string[]): Promise<string> {
  const places = isAbsolute(file) ? [file] : folders.map((folder) => join(folder, file));
  for (const place of places) {
    try {
      await access(place);
      return place;
    } catch {
      // Not there: the next folder.
    }
  }
  throw new DataError(
    `dataset.${key}: the data set "${dataset}" has no file ${file}; looked for ${places.length === 0 ? 'it nowhere, because no folder was given' : places.join(', ')}; ` +
      'give a whole path, or name the folder that has it with --data or BYZANTIUM_DATA',
  );
}

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hexadecimal').optional();

/** The parameters of a data set in files of the user's own. */
export const textFileParameters = (format: string, ofWhich: string) =>
  z.strictObject({
    train: z.string().min(1).describe(`${format}, plain or .gz: a whole path, or one below the data folders`),
    test: z.string().min(1).optional().describe(`another one; without it every tenth ${ofWhich} of the first is kept for the test`),
    trainSha256: sha256.describe('what the file has to be; written into manifests'),
    testSha256: sha256.describe('what the test file has to be; written into manifests'),
  });

export type TextFileParameters = z.infer<ReturnType<typeof textFileParameters>>;

/** Where the files are that the parameters name. Throws a DataError as `findTextFile` does. */
export async function findTextFiles(dataset: string, { train, test }: TextFileParameters, folders: readonly string[]): Promise<{ readonly train: string; readonly test: string | undefined }> {
  return { train: await findTextFile(dataset, 'train', train, folders), test: test === undefined ? undefined : await findTextFile(dataset, 'test', test, folders) };
}

/** What the files are: the parameters that hold a run to them. Throws a DataError when they are not what the parameters say. */
export async function pinTextFiles(dataset: string, given: TextFileParameters, folders: readonly string[]): Promise<Pick<TextFileParameters, 'trainSha256' | 'testSha256'>> {
  const { train, test } = await findTextFiles(dataset, given, folders);
  return { trainSha256: await pin('trainSha256', given.trainSha256, train), ...(test === undefined ? {} : { testSha256: await pin('testSha256', given.testSha256, test) }) };
}

async function pin(key: string, expected: string | undefined, path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  } catch (cause) {
    throw new DataError(`${path} can't be read (${cause instanceof Error ? cause.message : String(cause)})`, { cause });
  }
  const found = hash.digest('hex');
  if (expected === undefined || expected === found) return found;
  throw new DataError(`${path} is not what it was: its SHA-256 is ${found}, and dataset.${key} says ${expected}; bring the file back, or leave ${key} out to run it as it is`);
}

/** A file's lines with their numbers from 1, without empty ones and comments (#); `.gz` is unpacked. Throws a DataError when it can't be read. */
export async function* textLines(path: string): AsyncGenerator<{ readonly text: string; readonly line: number }> {
  let line = 0;
  let rest = '';
  for await (const chunk of textChunks(path)) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const whole of lines) {
      line += 1;
      const text = withoutComment(whole);
      if (text !== '') yield { text, line };
    }
  }
  const text = withoutComment(rest);
  if (text !== '') yield { text, line: line + 1 };
}

async function* textChunks(path: string): AsyncGenerator<string> {
  const file = createReadStream(path);
  const stream: Readable = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  // pipe() does not hand errors on: a file that can't be read has to end the unpacking too.
  if (stream !== file) file.on('error', (error) => stream.destroy(error));
  try {
    for await (const chunk of stream.setEncoding('utf8')) yield chunk as string;
  } catch (cause) {
    throw new DataError(`${path} can't be read (${cause instanceof Error ? cause.message : String(cause)})`, { cause });
  } finally {
    file.destroy();
  }
}

function withoutComment(line: string): string {
  const comment = line.indexOf('#');
  return (comment === -1 ? line : line.slice(0, comment)).trim();
}

/** A finite number, or a DataError that names file, line and what was found. */
export function finiteNumber(text: string, what: string, path: string, line: number): number {
  const value = Number(text);
  if (text === '' || !Number.isFinite(value)) throw new DataError(`${path}:${line}: ${what} is "${text}"; a finite number is needed`);
  return value;
}

/** A whole number of at least `least`, or a DataError. */
export function wholeNumber(text: string, least: number, what: string, path: string, line: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > 100_000_000) throw new DataError(`${path}:${line}: ${what} is "${text}"; a whole number from ${least} to 100,000,000 is needed`);
  return value;
}
