/** At most `length` characters, the middle left out. For pictures: text in HTML wraps instead. */
export function shorten(text: string, length: number): string {
  const characters = Array.from(text);
  if (characters.length <= length) return text;
  const head = Math.ceil((length - 1) / 2);
  return [...characters.slice(0, head), '…', ...characters.slice(characters.length - (length - 1 - head))].join('');
}
