import { gunzipSync } from 'fflate';
import { fault } from '../../domain/errors.js';

const GZIP = [0x1f, 0x8b] as const;
const NEWLINE = 0x0a;

/** Whole lines of a recorded session, plain or gzipped. Throws DATA-003 for a gzip file that is not whole. */
export function* sessionLines(bytes: Uint8Array, file: string): Generator<string> {
  const plain = isGzip(bytes) ? unpacked(bytes, file) : bytes;
  const decoder = new TextDecoder();
  const length = isCut(plain) ? plain.lastIndexOf(NEWLINE) + 1 : plain.length;
  for (let start = 0; start < length;) {
    const found = plain.indexOf(NEWLINE, start);
    const end = found < 0 ? length : found;
    yield decoder.decode(plain.subarray(start, end)).trimEnd();
    start = end + 1;
  }
}

/** Whether its last line is a part of one: whoever wrote it was ended meanwhile. */
export function isCut(bytes: Uint8Array): boolean {
  if (isGzip(bytes)) return false;
  const last = new TextDecoder().decode(bytes.subarray(bytes.lastIndexOf(NEWLINE) + 1)).trimEnd();
  if (last === '') return false;
  try {
    return typeof JSON.parse(last.slice(last.indexOf(' ') + 1)) !== 'object';
  } catch {
    return true;
  }
}

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === GZIP[0] && bytes[1] === GZIP[1];

function unpacked(bytes: Uint8Array, file: string): Uint8Array {
  try {
    return gunzipSync(bytes);
  } catch (cause) {
    throw fault('DATA-003', `${file} must be a whole gzip file.`, { where: file, cause, fix: 'Fetch it again.' });
  }
}
