import { allowedNames } from '../lib/registry/names.js';
import { catalogue, CATALOGUE_KINDS, type CatalogueEntry, type CatalogueParameter } from '../lib/scenario/catalogue.js';
import { type Kind, REGISTRIES } from '../lib/scenario/registries.js';
import { describeShipped, type ShippedScenario } from '../lib/scenario/load.js';
import { ScenarioError } from '../lib/scenario/problems.js';

/** `byzantium list`: everything, one kind (`attacks`), or one thing (`krum`). Throws a ScenarioError for an unknown word. */
export function listCommand(kindOrName: string | undefined, json: boolean): void {
  const all = [...catalogue(), ...describeShipped()];
  const chosen = kindOrName === undefined ? all : choose(all, kindOrName);
  if (json) {
    process.stdout.write(`${JSON.stringify(chosen)}\n`);
    return;
  }
  const entries = chosen.filter((entry) => entry.kind !== 'scenario');
  const scenarios = chosen.filter((entry) => entry.kind === 'scenario');
  const oneName = chosen.every(({ name }) => name === kindOrName);
  const described = entries.length === 0 ? [] : [oneName ? entries.map(detail).join('\n') : overview(entries)];
  process.stdout.write([...described, ...(scenarios.length === 0 ? [] : [scenarioLines(scenarios)])].join('\n'));
}

type Listed = CatalogueEntry | ShippedScenario;

function choose(all: readonly Listed[], word: string): Listed[] {
  const kind = word === 'scenario' || word === 'scenarios' ? 'scenario' : CATALOGUE_KINDS.find((candidate) => [candidate, plural(candidate), REGISTRIES[candidate].kind].includes(word));
  const chosen = all.filter((entry) => entry.kind === kind || entry.name === word);
  if (chosen.length > 0 || kind !== undefined) return chosen;
  const known = [...CATALOGUE_KINDS.map(plural), 'scenarios', ...all.map(({ name }) => name)];
  throw new ScenarioError([{ path: 'list', message: `nothing is called "${word}"; ${allowedNames(word, known)}` }]);
}

/** One line an entry, under a heading a kind. */
function overview(entries: readonly CatalogueEntry[]): string {
  const kinds = [...new Set(entries.map(({ kind }) => kind))];
  const width = Math.max(0, ...entries.map(({ name }) => name.length)) + 2;
  return kinds
    .map((kind) => {
      const lines = entries.filter((entry) => entry.kind === kind).map(({ name, formula, description }) => `  ${name.padEnd(width)}${shortened(formula ?? description ?? '')}`);
      return `${plural(kind)}\n${lines.join('\n')}\n`;
    })
    .join('\n');
}

/** Characters of a formula in the overview; `list NAME` shows all of it. */
const OVERVIEW = 100;

function shortened(text: string): string {
  return text.length <= OVERVIEW ? text : `${text.slice(0, OVERVIEW - 1).trimEnd()}…`;
}

/** All that is known of one entry. */
function detail({ kind, name, formula, description, precondition, cost, needs, source, parameters, presets, bound, robustness, reproduces = {}, properties = {} }: CatalogueEntry): string {
  const rows: [string, string | undefined][] = [
    ['formula', formula],
    ['what', description],
    ['precondition', precondition],
    ['cost', cost],
    ['needs', needs],
    ['source', source],
    ['bound', bound === undefined ? undefined : `deviation / norm of the honest rows ≤ ${bound}`],
    ['robustness', robustness === undefined ? undefined : `κ = ${robustness}`],
  ];
  const lines = rows.flatMap(([title, text]) => (text === undefined || text === '' ? [] : [`  ${title.padEnd(14)}${text}`]));
  const listed = parameters.map((parameter) => `    ${parameter.name}: ${parameter.description ?? allowed(parameter)}${defaultOf(parameter)}`);
  const named = Object.entries(presets).map(([preset, values], index) => `    ${preset}${index === 0 ? ' (default)' : ''}: ${settings(values)}${reproduces[preset] === undefined ? '' : `  – ${reproduces[preset]}`}`);
  return [
    `${name} (${REGISTRIES[kind].kind})`,
    ...lines,
    ...(listed.length === 0 ? [] : ['  parameters', ...listed]),
    ...(named.length === 0 ? [] : ['  presets', ...named]),
    ...claimLines(properties),
    '',
  ].join('\n');
}

/** What is claimed, once for all presets that claim the same. `npm run conformance` shows that it is so. */
function claimLines(properties: NonNullable<CatalogueEntry['properties']>): string[] {
  const texts = Object.entries(properties).map(([preset, claims]) => [preset, claimText(claims)] as const);
  const different = [...new Set(texts.map(([, text]) => text))];
  const lines = different.map((text) => `    ${different.length === 1 ? '' : `${texts.filter((one) => one[1] === text).map(([preset]) => preset).join(', ')}: `}${text}`);
  return lines.length === 0 ? [] : ['  claims', ...lines];
}

function claimText(claims: NonNullable<CatalogueEntry['properties']>[string]): string {
  const { order, translation, scale, meanWithoutByzantine, within } = claims;
  const scaled = { any: 'scaled by any factor', positive: 'scaled by positive factors', none: undefined }[scale];
  const followed = [order ? 'reordered' : undefined, translation ? 'moved' : undefined, scaled].filter((word) => word !== undefined);
  const weights = 'weights' in claims ? [{ sum: 'weights by row', shares: 'shares by row', none: 'no weights by row' }[claims.weights]] : [];
  return [
    followed.length === 0 ? 'follows neither reordered, moved nor scaled rows' : `follows rows that are ${followed.join(', ')}`,
    `${meanWithoutByzantine ? '' : 'not '}the mean at f = 0`,
    `lies within: ${within}`,
    ...weights,
  ].join('; ');
}

function settings(values: object): string {
  const text = Object.entries(values).map(([key, value]) => `${key} = ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return text.length === 0 ? 'every parameter at its default' : text.join(', ');
}

/** What the schema says applies when nothing is given; other defaults depend on n and f, and the description has them. */
function defaultOf({ schema }: CatalogueParameter): string {
  return 'default' in schema ? `; ${JSON.stringify(schema.default)} by default` : '';
}

function allowed({ schema }: CatalogueParameter): string {
  return JSON.stringify(schema);
}

function scenarioLines(scenarios: readonly ShippedScenario[]): string {
  const width = Math.max(...scenarios.map(({ name }) => name.length)) + 2;
  const lines = scenarios.map(({ name, description, runs }) => `  ${name.padEnd(width)}${description} (${runs} ${runs === 1 ? 'run' : 'runs'})`);
  return `scenarios\n${lines.join('\n')}\n`;
}

function plural(kind: Kind): string {
  return kind === 'policy' ? 'policies' : `${kind}s`;
}
