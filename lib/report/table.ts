import { type Markup, html } from './html.js';

/** A column of a table: its title, and what stands in it for one row. */
export interface Column<Row> {
  readonly title: string;
  /** Figures are aligned to the right. */
  readonly number: boolean;
  readonly cell: (row: Row) => Markup;
}

/** A column of figures. */
export function numberColumn<Row>(title: string, write: (row: Row) => string | number): Column<Row> {
  return { title, number: true, cell: (row) => numberCell(write(row)) };
}

/** A column of names. */
export function nameColumn<Row>(title: string, read: (row: Row) => string): Column<Row> {
  return { title, number: false, cell: (row) => html`<td>${named(read(row))}</td>` };
}

/** The column that says what a row is about. */
export function headColumn<Row>(title: string, read: (row: Row) => string): Column<Row> {
  return { title, number: false, cell: (row) => html`<th scope="row">${named(read(row))}</th>` };
}

export function numberCell(content: string | number): Markup {
  return html`<td class="number">${content}</td>`;
}

/** A name stays on one line unless it is too long for that. */
export function named(name: string): Markup {
  return html`<span class="${name.length > 34 ? 'long name' : 'name'}">${name}</span>`;
}

/** A table that scrolls by itself where the page is narrow. `write` makes more of a row's cells than `<tr>` around them. */
export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  write: (cells: readonly Markup[], row: Row, index: number) => Markup = (cells) => html`<tr>${cells}</tr>`,
  kind?: string,
): Markup {
  return html`<div class="scroll"><table${kind === undefined ? undefined : html` class="${kind}"`}>
<thead><tr>${columns.map(({ title, number }) => html`<th${number ? html` class="number"` : undefined}>${title}</th>`)}</tr></thead>
<tbody>${rows.map((row, index) => write(columns.map(({ cell }) => cell(row)), row, index))}</tbody>
</table></div>`;
}
