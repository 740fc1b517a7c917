import { distance } from 'fastest-levenshtein';

/** A value as a message shows it: compact JSON, cut at 80 characters; what JSON can't say by its type. */
export function show(value: unknown): string {
  if (typeof value === 'number') return String(value);
  const text = json(value) ?? (typeof value === 'object' ? 'an object' : typeof value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** Undefined for what JSON can't say: functions, cycles, big integers. */
function json(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** `a`, `a or b`, `a, b or c`. */
export function either(items: readonly string[]): string {
  const last = items.at(-1) ?? 'nothing';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} or ${last}`;
}

/** What is allowed in place of an unknown name, and which of it is nearest where something is near. `what` introduces the names. */
export function allowedNames(given: string, known: readonly string[], what = 'allowed'): string {
  if (known.length === 0) return 'none is allowed here';
  const near = nearest(given, known);
  return `${what}: ${known.join(', ')}${near === undefined ? '' : `; the nearest is ${show(near)}`}`;
}

/** Fewer letters begin too many names to mean one of them. */
const SHORTEST_BEGINNING = 3;

/** Edits that two letters in the wrong order count for: the least mistake, however short the name. */
const TRANSPOSITION = 2;

/**
 * The known name that begins with what is given, or else the one of least edit distance, capitals aside; the first of several.
 * Undefined when more than half of the letters would have to change.
 */
function nearest(given: string, known: readonly string[]): string | undefined {
  // The distance takes time in the product of the lengths; a text this long resembles no name.
  const text = given.slice(0, 100).toLowerCase();
  let best: string | undefined;
  let least = Infinity;
  for (const name of known) {
    const lower = name.toLowerCase();
    if (text.length >= SHORTEST_BEGINNING && lower.startsWith(text)) return name;
    const edits = distance(text, lower);
    const longest = Math.max(text.length, lower.length);
    if (edits < least && edits < longest && edits <= Math.max(TRANSPOSITION, longest / 2)) {
      least = edits;
      best = name;
    }
  }
  return best;
}
