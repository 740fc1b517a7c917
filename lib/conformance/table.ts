import type { Conformity, Property, Verdict } from './conformance.js';

const COLUMNS: readonly (readonly [Property, title: string])[] = [
  ['order', 'order'],
  ['translation', 'translation'],
  ['positive scale', 'scale > 0'],
  ['negative scale', 'scale < 0'],
  ['mean at f = 0', 'mean at f = 0'],
  ['finite', 'finite'],
  ['within', 'lies within'],
  ['κ', 'κ'],
  ['weights', 'weights'],
  ['rows unchanged', 'rows unchanged'],
  ['steps', 'steps'],
  ['same bits', 'same bits'],
];

/** One line a subject: what each property came to, and the (n, f) that it refuses. Cells and heads are plain text. */
function tableOf(conformities: readonly Conformity[]): { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] } {
  return {
    head: ['', ...COLUMNS.map(([, title]) => title), 'refused at (n, f)'],
    rows: conformities.map((conformity) => [
      conformity.label,
      ...COLUMNS.map(([property]) => conformity.verdicts.find((verdict) => verdict.property === property)?.finding ?? '–'),
      sizes(conformity.refused),
    ]),
  };
}

/** For a README: the tables of rules and pre-aggregators, then which inequality refuses which (n, f). Nothing in it depends on the machine. */
export function markdownOf(conformities: readonly Conformity[]): string {
  const kinds = [...new Set(conformities.map(({ kind }) => kind))];
  return kinds
    .map((kind) => {
      const members = conformities.filter((conformity) => conformity.kind === kind);
      const { head, rows } = tableOf(members);
      const lines = [[kind, ...head.slice(1)], head.map(() => '---'), ...rows].map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
      const refusals = refusalLines(members).map((line) => `- ${line}`);
      return [...lines, '', ...(refusals.length === 0 ? [] : ['Refused:', '', ...refusals, ''])].join('\n');
    })
    .join('\n');
}

const BEGIN = '<!-- the tables: npm run conformance -- --markdown lib/conformance/README.md -->\n';
const END = '<!-- the end of the tables -->';

/** The text with its tables replaced by those of `conformities`. Throws a RangeError when it has no place for them. */
export function intoMarkdown(text: string, conformities: readonly Conformity[]): string {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin === -1 || end < begin) throw new RangeError(`there is no place for the tables: it needs a line ${BEGIN.trim()} and a line ${END}`);
  return `${text.slice(0, begin)}${BEGIN}\n${markdownOf(conformities)}\n${text.slice(end)}`;
}

/** What every rule has to pass, whatever it claims. */
const ALWAYS: readonly Property[] = ['finite', 'rows unchanged', 'steps', 'same bits'];

/** For a terminal: the same in fewer columns, then the refusals' inequalities and what failed. */
export function textOf(conformities: readonly Conformity[]): string {
  const finding = ({ verdicts }: Conformity, property: Property): string => verdicts.find((verdict) => verdict.property === property)?.finding ?? '–';
  const head = ['', 'order', 'moved', '× > 0', '× < 0', 'mean', 'lies within', 'κ', 'weights', 'always', 'refused at (n, f)'];
  const rows = conformities.map((conformity) => [
    conformity.label,
    ...(['order', 'translation', 'positive scale', 'negative scale', 'mean at f = 0', 'within', 'κ', 'weights'] as const).map((property) => finding(conformity, property)),
    conformity.verdicts.some((verdict) => ALWAYS.includes(verdict.property) && failed(verdict)) ? 'FAILS' : 'yes',
    sizes(conformity.refused),
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((cells) => (cells[column] as string).length)));
  const lines = [head, ...rows].map((cells) => cells.map((cell, column) => cell.padEnd(widths[column] as number)).join('  ').trimEnd());
  const part = (title: string, items: readonly string[]): string[] => (items.length === 0 ? [] : ['', title, ...items.map((item) => `  ${item}`)]);
  return [
    ...lines,
    '',
    'order, moved, ×: does it follow reordered, moved, scaled rows? mean: is it the mean at f = 0? always: finite for any f rows, rows unchanged, bounded steps, same bits.',
    ...part('refused', refusalLines(conformities)),
    ...part('FAILED', failureLines(conformities)),
    '',
  ].join('\n');
}

/** Each refusal with its inequality, one line a rule: presets that refuse the same for the same reason share it. */
function refusalLines(conformities: readonly Conformity[]): string[] {
  return [...new Set(conformities.flatMap(({ label, refused }) => {
    const name = label.split(' · ')[0] as string;
    return refused.map(({ because }) => (because.startsWith(name) ? because : `${name}: ${because}`));
  }))];
}

/** What failed and why, a line each. */
export function failureLines(conformities: readonly Conformity[]): string[] {
  return conformities.flatMap(({ label, verdicts }) => verdicts.filter(failed).map(({ property, detail }) => `${label}, ${property}: ${detail ?? 'failed'}`));
}

/** Where what doesn't hold was seen not to, a line each. */
export function counterexampleLines(conformities: readonly Conformity[]): string[] {
  return conformities.flatMap(({ label, verdicts }) =>
    verdicts.filter((verdict) => !failed(verdict) && verdict.detail !== undefined).map(({ property, detail }) => `${label}, ${property}: ${detail ?? ''}`),
  );
}

function failed({ outcome }: Verdict): boolean {
  return outcome === 'failed';
}

function sizes(list: readonly { readonly n: number; readonly f: number }[]): string {
  return list.map(({ n, f }) => `(${n}, ${f})`).join(' ');
}
