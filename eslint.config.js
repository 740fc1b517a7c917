import js from '@eslint/js';
import tseslint from 'typescript-eslint';

// The rooms of lib/ from the ground up: each may import from those before it, and from no others.
const ROOMS = [
  'memory', 'kernels', 'registry', 'data', 'modules', 'models', 'aggregators', 'preaggregators', 'pipeline', 'attacks', 'policies', 'inspections', 'scenario', 'run',
  'metrics', 'report', 'training', 'conformance',
];
const above = (room) => ({
  files: [`lib/${room}/**/*.ts`],
  rules: {
    'no-restricted-imports': ['error', {
      patterns: [{ regex: `^(\\.\\./)+(${[...ROOMS.slice(ROOMS.indexOf(room) + 1), 'index\\.js', 'threads', 'scenarios', 'test', 'benchmarks'].join('|')})(/|$)`, message: 'Imports point down only: ROOMS in eslint.config.js has the order.' }],
    }],
  },
});

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.tap/', 'runs/', 'lib/kernels/assembly/**/*.ts'] },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.cts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json' } },
    rules: {
      '@typescript-eslint/prefer-for-of': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: 'always' }],
      // A row index proven to be in range reads `rows[i] as number`: said once, where it happens.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
    },
  },
  ...ROOMS.map(above),
  {
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off', '@typescript-eslint/no-floating-promises': 'off', '@typescript-eslint/require-await': 'off' },
  },
  { files: ['**/*.mjs', '**/*.js'], languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } } },
);
