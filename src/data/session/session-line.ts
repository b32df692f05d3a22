import { ENDED, parseFrame, UNREAD } from './frames.js';

/**
 * A message as a line of a session, at epoch milliseconds with their fraction. A message that no reader of the session
 * could read, or that is of another symbol, is kept as one that was not read.
 */
export function sessionLine(receivedAt: number, text: string, symbol: string): string {
  const message = text.replace(/[\r\n]+/g, ' ').trim();
  return lineOf(receivedAt, isFrame(message, symbol) ? message : JSON.stringify({ e: UNREAD, text }));
}

/** The last line of a whole record; `why` it ended before whoever recorded did. */
export const endLine = (at: number, why?: string): string =>
  lineOf(at, JSON.stringify({ e: ENDED, ...(why === undefined ? {} : { why }) }));

/** Nanoseconds are beyond what a number holds exactly: their digits are written apart. */
function lineOf(at: number, json: string): string {
  const ms = Math.floor(at);
  return `${ms}${String(Math.floor((at - ms) * 1e6)).padStart(6, '0')} ${json}\n`;
}

function isFrame(message: string, symbol: string): boolean {
  try {
    const frame = parseFrame(message, '');
    return !('symbol' in frame) || frame.symbol === symbol;
  } catch {
    return false;
  }
}
