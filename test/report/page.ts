import { parseHTML } from 'linkedom';

/** What the tests read of a parsed page. */
export interface PageElement {
  readonly localName: string;
  readonly textContent: string;
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
  getAttribute(name: string): string | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
}

/** Parses a page; throws when its tags aren't balanced, which a browser would mend in silence. */
export function parsePage(source: string): PageElement {
  checkBalance(source);
  return (parseHTML(source) as unknown as { document: { documentElement: PageElement } }).document.documentElement;
}

/** All elements of the page that match. */
export function all(page: PageElement, selector: string): PageElement[] {
  return [...page.querySelectorAll(selector)];
}

/** The text of each cell of each row of the body of the first table that has a column of this title. */
export function tableRows(page: PageElement, column: string): string[][] {
  const table = all(page, 'table').find((candidate) => all(candidate, 'thead th').some((cell) => cell.textContent === column));
  return table === undefined ? [] : all(table, 'tbody tr').map((row) => all(row, 'th, td').map((cell) => cell.textContent));
}

const VOID = new Set(['meta', 'br', 'img', 'link', 'input', 'hr']);

function checkBalance(source: string): void {
  const open: string[] = [];
  for (const [tag, closing, name = '', selfClosed] of source.replace(/<style>[^]*?<\/style>/g, '').matchAll(/<(\/?)([a-zA-Z][\w:-]*)(?:\s[^<>]*?)?(\/?)>/g)) {
    if (closing === '/') {
      if (open.pop() !== name) throw new Error(`${tag} closes nothing that is open`);
    } else if (selfClosed !== '/' && !VOID.has(name)) open.push(name);
  }
  if (open.length > 0) throw new Error(`never closed: ${open.join(', ')}`);
}
