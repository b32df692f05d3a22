import { crc32 } from '../../flow/crc32.js';
import { fault } from '../../domain/errors.js';
import type { DataFile } from '../../ports/research/data-files.js';

const END = 0x06054b50;
const END_64 = 0x06064b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const LONGEST_END = 65_557;
const PART = 1 << 18;
const STORED = 0;
const DEFLATED = 8;
const UNKNOWN_32 = 0xffffffff;

/** A file in a zip archive. */
export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly crc32: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
}

/** What the archive's directory lists, without folders. Throws DATA-003 for an archive that is cut off or encrypted. */
export function entriesOf(file: DataFile): readonly ZipEntry[] {
  const { count, offset, size } = directoryOf(file);
  if (size > file.size) throw broken(file, 'its directory is damaged');
  const bytes = bytesAt(file, offset, size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: ZipEntry[] = [];
  for (let at = 0, i = 0; i < count; i += 1) {
    if (at + 46 > size || view.getUint32(at, true) !== ENTRY) throw broken(file, 'its directory is damaged');
    const [nameLength, extraLength, commentLength] = [
      view.getUint16(at + 28, true),
      view.getUint16(at + 30, true),
      view.getUint16(at + 32, true),
    ];
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    if ((view.getUint16(at + 8, true) & 1) !== 0) throw broken(file, `${name} is encrypted`);
    const wide = wideFields(new DataView(bytes.buffer, bytes.byteOffset + at + 46 + nameLength, extraLength));
    const field = (position: number): number => {
      const value = view.getUint32(at + position, true);
      return value === UNKNOWN_32 ? (wide.shift() ?? value) : value;
    };
    const entrySize = field(24);
    const packed = field(20);
    if (!name.endsWith('/'))
      entries.push({
        name,
        method: view.getUint16(at + 10, true),
        crc32: view.getUint32(at + 16, true),
        packed,
        size: entrySize,
        offset: field(42),
      });
    at += 46 + nameLength + extraLength + commentLength;
  }
  return entries;
}

/** Content of an entry, a part at a time; its length and checksum are compared when it ends. Throws DATA-003. */
export async function* contentOf(file: DataFile, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  if (entry.method !== STORED && entry.method !== DEFLATED)
    throw broken(file, `${entry.name} is packed with method ${entry.method}, which is not known here`);
  const head = bytesAt(file, entry.offset, 30);
  const view = new DataView(head.buffer, head.byteOffset, 30);
  if (view.getUint32(0, true) !== LOCAL) throw broken(file, `${entry.name} is not where the directory says`);
  const start = entry.offset + 30 + view.getUint16(26, true) + view.getUint16(28, true);
  let [sum, length] = [0, 0];
  for await (const part of unpacked(file, entry, start)) {
    sum = crc32(part, sum);
    length += part.length;
    if (length > entry.size) throw broken(file, `${entry.name} is longer than the archive names`);
    yield part;
  }
  if (length !== entry.size || sum !== entry.crc32)
    throw broken(file, `${entry.name} does not have the length and checksum that the archive names`);
}

/** The library is loaded on first use: who reads no archive does not pay for it. */
async function* unpacked(file: DataFile, entry: ZipEntry, start: number): AsyncGenerator<Uint8Array> {
  const { Inflate } = await import('fflate');
  let ready: Uint8Array[] = [];
  const inflate = new Inflate((part) => ready.push(part));
  for (let at = 0; at < entry.packed; at += PART) {
    const packed = bytesAt(file, start + at, Math.min(PART, entry.packed - at));
    if (entry.method === STORED) {
      yield packed;
      continue;
    }
    try {
      inflate.push(packed, at + packed.length === entry.packed);
    } catch (cause) {
      throw broken(file, `${entry.name} cannot be unpacked`, cause);
    }
    yield* ready;
    ready = [];
  }
}

interface Directory {
  readonly count: number;
  readonly offset: number;
  readonly size: number;
}

function directoryOf(file: DataFile): Directory {
  const length = Math.min(file.size, LONGEST_END);
  const tail = bytesAt(file, file.size - length, length);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  for (let at = length - 22; at >= 0; at -= 1) {
    if (view.getUint32(at, true) !== END) continue;
    const found = {
      count: view.getUint16(at + 10, true),
      size: view.getUint32(at + 12, true),
      offset: view.getUint32(at + 16, true),
    };
    if (found.offset !== UNKNOWN_32 && found.count !== 0xffff) return found;
    const wide = view.getBigUint64(at - 20 + 8, true);
    const end = bytesAt(file, Number(wide), 56);
    const wideView = new DataView(end.buffer, end.byteOffset, 56);
    if (wideView.getUint32(0, true) !== END_64) break;
    return {
      count: Number(wideView.getBigUint64(32, true)),
      size: Number(wideView.getBigUint64(40, true)),
      offset: Number(wideView.getBigUint64(48, true)),
    };
  }
  throw broken(file, 'it is cut off: its directory is missing');
}

/** The 64-bit fields of an entry, in the order size, packed size, offset. */
function wideFields(extra: DataView): number[] {
  for (let at = 0; at + 4 <= extra.byteLength;) {
    const length = extra.getUint16(at + 2, true);
    if (extra.getUint16(at, true) === 1)
      return Array.from({ length: Math.min(3, Math.floor(length / 8)) }, (_, index) =>
        Number(extra.getBigUint64(at + 4 + 8 * index, true)),
      );
    at += 4 + length;
  }
  return [];
}

function bytesAt(file: DataFile, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  if (position < 0 || file.read(bytes, position) !== length) throw broken(file, 'it is cut off');
  return bytes;
}

const broken = (file: DataFile, what: string, cause?: unknown): Error =>
  fault('DATA-003', `${file.path} must be a whole zip archive: ${what}.`, {
    where: file.path,
    cause,
    fix: 'Download or write the file again.',
  });
