/** Compiles the kernels twice, strict and relaxed, into dist/lib/kernels. The only difference is one feature flag. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../../..');
const output = path.join(root, 'dist/lib/kernels');

await mkdir(output, { recursive: true });
for (const [name, features] of [
  ['strict', ['simd', 'threads']],
  ['relaxed', ['simd', 'threads', 'relaxed-simd']],
]) {
  const { error, stderr } = await asc.main([
    path.relative(root, path.join(here, 'index.ts')),
    ...['--baseDir', root],
    ...['--outFile', path.relative(root, path.join(output, `${name}.wasm`))],
    ...features.flatMap((feature) => ['--enable', feature]),
    // Any memory will do: its real size is the arena's, and 65,536 pages are the most there can be.
    ...['--importMemory', '--noExportMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
    // Nothing is allocated, so there is no allocator, no collector and no static data.
    ...['--runtime', 'stub'],
    ...['-O3', '--noAssert', '--converge'],
  ]);
  if (error) {
    console.error(stderr.toString());
    process.exit(1);
  }
}
