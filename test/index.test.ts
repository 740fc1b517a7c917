import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Every package that the declarations reached from `file` import, with one file that does. */
function packagesOf(file: string, seen = new Set<string>(), packages = new Map<string, string>()): Map<string, string> {
  if (seen.has(file)) return packages;
  seen.add(file);
  const { importedFiles, typeReferenceDirectives } = ts.preProcessFile(readFileSync(file, 'utf8'), true);
  for (const { fileName } of [...importedFiles, ...typeReferenceDirectives]) {
    if (fileName.startsWith('.')) packagesOf(resolve(dirname(file), fileName.replace(/\.js$/, '.d.ts')), seen, packages);
    else packages.set(fileName, file);
  }
  return packages;
}

t.test('the declarations that a user of the library compiles import nothing that isn\'t installed with it', async (t) => {
  const { types, dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { types: string; dependencies: Record<string, string> };
  const packages = packagesOf(join(ROOT, types));
  t.ok(packages.has('zod'), 'the walk gets somewhere');
  // No module of Node's either: these would need @types/node.
  t.same([...packages].filter(([name]) => !(name in dependencies)), []);
});
