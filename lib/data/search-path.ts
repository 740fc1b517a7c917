/** The folders that data sets are looked for in, in order: the one given (`--data`), then `BYZANTIUM_DATA`, then `data/`. */
export function dataFolders(given?: string): string[] {
  return [given, process.env['BYZANTIUM_DATA'], 'data'].filter((folder): folder is string => folder !== undefined && folder !== '');
}
