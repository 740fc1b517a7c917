import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { scenarioJsonSchema } from './json-schema.js';

// Run by the build: writes dist/scenario.schema.json, which scenarios name in `$schema`.
const file = fileURLToPath(new URL('../../scenario.schema.json', import.meta.url));
writeFileSync(file, `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`);
