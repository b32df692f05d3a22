/** What moves a cursor, hides, or turns the way of reading; lines and tabs are of the text itself. */
const HIDDEN = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;
/** The colours that are written here; no blinking, no text that is not seen. */
const COLOURS = new RegExp(`(${String.fromCharCode(27)}\\[(?:[0-2]|22|3[1-6]|39|90)m)`, 'u');

/**
 * Text for a log or a terminal, whoever wrote it: what a person could not see is written out as JSON does (`\u001b`),
 * so that JSON stays what it was.
 */
export const plainText = (text: string): string => text.replace(HIDDEN, seen);

/** The same for a terminal, with the colours that are ours. */
export const terminalText = (text: string): string =>
  text
    .split(COLOURS)
    .map((part, index) => (index % 2 === 1 ? part : plainText(part)))
    .join('');

function seen(hidden: string): string {
  if (hidden === '\n' || hidden === '\t') return hidden;
  return Array.from({ length: hidden.length }, (_unit, index) => {
    const code = hidden.charCodeAt(index).toString(16).padStart(4, '0');
    return `\\u${code}`;
  }).join('');
}
