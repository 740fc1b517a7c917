import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { scenarioJsonSchema } from '../scenario/json-schema.js';
import { scheduleJsonSchema } from './recorded-schedule.js';

// Run by the build: writes dist/scenario.schema.json, which scenarios name in `$schema`, and dist/schedule.schema.json.
const schemas = { scenario: scenarioJsonSchema(), schedule: scheduleJsonSchema() };
for (const [name, schema] of Object.entries(schemas)) {
  const file = fileURLToPath(new URL(`../../${name}.schema.json`, import.meta.url));
  writeFileSync(file, `${JSON.stringify(schema, null, 2)}\n`);
}
