import { copyToRows, mean } from '../kernels/work.js';
import type { Work } from '../kernels/task.js';
import type { Arena } from '../memory/arena.js';
import type { Address, Region } from '../memory/regions.js';

/**
 * output = the mean of the selected rows; of a single one, that row bit by bit. `table`: a region for as many uint32. Returns the
 * weights over all rows: 1/m for a selected one, 0 for the others.
 */
export function* meanOfSelected(
  input: { readonly arena: Arena; readonly rows: readonly Address[]; readonly n: number; readonly d: number; readonly output: Address },
  selected: readonly number[],
  table: Region<'u32'>,
): Work<Float64Array> {
  const { arena, rows, n, d, output } = input;
  const [only] = selected;
  if (only !== undefined && selected.length === 1) {
    arena.view(table)[0] = output;
    yield* copyToRows({ table: table.address, n: 1, d }, rows[only] as Address);
  } else {
    selectRows(arena, rows, selected, table);
    yield* mean({ table: table.address, n: selected.length, d }, output);
  }
  const weights = new Float64Array(n);
  for (const row of selected) weights[row] = 1 / selected.length;
  return weights;
}

/** What the mean of the n − f best rows lacks; undefined when nothing. */
export function noRowLeft(rule: string, { n, f }: { readonly n: number; readonly f: number }): string | undefined {
  return n - f >= 1 ? undefined : `${rule} needs n − f ≥ 1, rows to average: n = ${n}, f = ${f}`;
}

/** Makes `table` the row table of the selected rows. */
export function selectRows(arena: Arena, rows: readonly Address[], selected: readonly number[], table: Region<'u32'>): void {
  arena.view(table).set(selected.map((row) => rows[row] as Address));
}
