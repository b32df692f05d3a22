import { gunzipSync } from 'fflate';
import { fault } from '../../domain/errors.js';

const GZIP = [0x1f, 0x8b] as const;

/** Lines of a recorded session, plain or gzipped. Throws DATA-003 for one that is not whole. */
export function* sessionLines(bytes: Uint8Array, file: string): Generator<string> {
  const plain = isGzip(bytes) ? unpacked(bytes, file) : bytes;
  const decoder = new TextDecoder();
  for (let start = 0; start < plain.length;) {
    const found = plain.indexOf(0x0a, start);
    const end = found < 0 ? plain.length : found;
    yield decoder.decode(plain.subarray(start, end)).trimEnd();
    start = end + 1;
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
