/** Texts stand first: digits within them are no numbers. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;
/**
 * A number of sixteen digits, or with an exponent: what follows may not be held exactly. Looking costs a seventh of
 * what parsing does; without the beginning of a value before the digits it costs as much.
 */
const SUSPECT = /(?:^|[:,[])\s*-?\d(?:[\d.]{15}|[\d.]*[eE])/;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** A double gives back so many digits as they were. */
const EXACT_DIGITS = 15;

/**
 * JSON of which no number changes: one that a double does not give back digit by digit stays text, as it was written.
 * Ids of 64 bits and long decimals come out as strings, all others as numbers. Throws a SyntaxError for what is none.
 */
export const parseExact = (text: string): unknown => JSON.parse(SUSPECT.test(text) ? text.replace(TOKENS, kept) : text);

const kept = (token: string): string =>
  token.startsWith('"') || !NUMBER.test(token) || isExact(token) ? token : `"${token}"`;

const isExact = (token: string): boolean =>
  !/[eE]/.test(token) && token.replace(/\D/g, '').replace(/^0+/, '').length <= EXACT_DIGITS;
