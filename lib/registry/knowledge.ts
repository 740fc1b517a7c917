/**
 * What an attack sees, and so what it is handed: `own` one corrupted worker's honest row; `colluding` all corrupted workers' own
 * honest rows; `omniscient` the honest workers' rows, the rule and the data.
 */
export const KNOWLEDGE = ['own', 'colluding', 'omniscient'] as const;

export type Knowledge = (typeof KNOWLEDGE)[number];

export function isKnowledge(value: unknown): value is Knowledge {
  return KNOWLEDGE.includes(value as Knowledge);
}
