/** What keeps a text from being JSON, and where: lines and columns count from 1. */
export interface JsonMistake {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

type Expected = 'value' | 'item or ]' | 'key' | 'key or }' | ':' | ', or ]' | ', or }' | 'nothing more';

/** A bracket, comma or colon; or a number or word with nothing of the kind behind it. */
const TOKEN = /([{}[\],:])|(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;

/**
 * The first mistake in a JSON text; undefined when it has none. JSON.parse doesn't always say where a mistake is, and lets the
 * second of two equal keys win without a word, which is a mistake here.
 */
export function findJsonMistake(text: string): JsonMistake | undefined {
  /** One for each open bracket: the keys of an object so far, or nothing for a list. */
  const open: (Set<string> | undefined)[] = [];
  let expected: Expected = 'value';
  let end = 0;
  for (;;) {
    const start = skipSpace(text, end);
    if (start === text.length) return expected === 'nothing more' ? undefined : mistake(text, start, `the text ends where ${WORDS[expected]} should be`);
    const token: Token | undefined = readToken(text, start);
    const next: Expected | 'twice' | undefined = token && advance(expected, token.sign, token.string, open);
    if (next === undefined) return mistake(text, start, `unexpected ${text.slice(start, token?.end ?? start + 12).slice(0, 40)} where ${WORDS[expected]} should be`);
    if (next === 'twice') return mistake(text, start, `the key ${token?.string ?? ''} stands in this object twice`);
    expected = next;
    end = token?.end ?? end;
  }
}

interface Token {
  readonly sign?: string | undefined;
  readonly string?: string;
  readonly end: number;
}

function readToken(text: string, start: number): Token | undefined {
  if (text.charAt(start) === '"') {
    const end = endOfString(text, start);
    return end === undefined ? undefined : { string: text.slice(start, end), end };
  }
  TOKEN.lastIndex = start;
  const match = TOKEN.exec(text);
  return match === null ? undefined : { sign: match[1], end: TOKEN.lastIndex };
}

const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** A regular expression for a whole string would overflow its stack on a long one. */
function endOfString(text: string, start: number): number | undefined {
  for (let position = start + 1; position < text.length; position++) {
    const code = text.charCodeAt(position);
    if (code === QUOTE) return position + 1;
    if (code < FIRST_PRINTABLE) return undefined;
    if (code === BACKSLASH) {
      ESCAPE.lastIndex = position;
      if (!ESCAPE.test(text)) return undefined;
      position = ESCAPE.lastIndex - 1;
    }
  }
  return undefined;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_PRINTABLE = 0x20;

/** What is expected after a token; undefined when the token was not. */
function advance(expected: Expected, sign: string | undefined, string: string | undefined, open: (Set<string> | undefined)[]): Expected | 'twice' | undefined {
  const closes = (): Expected => {
    open.pop();
    return after(open);
  };
  switch (expected) {
    case 'item or ]':
      if (sign === ']') return closes();
      return advance('value', sign, string, open);
    case 'value':
      if (sign === undefined) return after(open);
      if (sign === '{') open.push(new Set());
      else if (sign === '[') open.push(undefined);
      else return undefined;
      return sign === '{' ? 'key or }' : 'item or ]';
    case 'key or }':
      if (sign === '}') return closes();
      return advance('key', sign, string, open);
    case 'key': {
      if (string === undefined) return undefined;
      const keys = open.at(-1);
      const key = JSON.parse(string) as string;
      if (keys?.has(key) === true) return 'twice';
      keys?.add(key);
      return ':';
    }
    case ':':
      return sign === ':' ? 'value' : undefined;
    case ', or ]':
      return sign === ']' ? closes() : sign === ',' ? 'value' : undefined;
    case ', or }':
      return sign === '}' ? closes() : sign === ',' ? 'key' : undefined;
    case 'nothing more':
      return undefined;
  }
}

/** After a value: what its surroundings ask for. */
function after(open: readonly (Set<string> | undefined)[]): Expected {
  if (open.length === 0) return 'nothing more';
  return open.at(-1) === undefined ? ', or ]' : ', or }';
}

const WORDS: Readonly<Record<Expected, string>> = {
  value: 'a value',
  'item or ]': 'a value or ]',
  key: 'a key in double quotes',
  'key or }': 'a key in double quotes or }',
  ':': 'a colon',
  ', or ]': 'a comma or ]',
  ', or }': 'a comma or }',
  'nothing more': 'nothing more',
};

function skipSpace(text: string, from: number): number {
  let position = from;
  while (position < text.length && ' \t\n\r'.includes(text.charAt(position))) position++;
  return position;
}

function mistake(text: string, position: number, message: string): JsonMistake {
  const before = text.slice(0, position).split('\n');
  return { message, line: before.length, column: (before.at(-1) ?? '').length + 1 };
}
