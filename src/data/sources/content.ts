import process from 'node:process';
import { Readable } from 'node:stream';
import { fault, messageOf } from '../../domain/errors.js';
import type { DataFile } from '../../ports/research/data-files.js';
import type { Lines } from '../tables/csv-table.js';
import { contentOf, entriesOf } from './zip.js';

const PART = 1 << 20;
const BLOCK = 1 << 22;
const HEAD = 1 << 12;
const NEWLINE = 10;
/** Text of a market unpacks to some dozen times its size; what unpacks to more than this is made to fill memory. */
const MOST_TIMES = 250;
const FREE = 1 << 24;
/** No row is longer: what is has no lines. */
const LONGEST_LINE = 1 << 22;

/** What is in a file once it is unpacked. */
export interface Content {
  /** For messages: the file, and the entry of an archive. */
  readonly place: string;
  /** Path without the suffix of its packing, with the entry of an archive as last part: names tell what is inside. */
  readonly name: string;
  /** The same from the root. */
  readonly location: string;
  /** The file itself, where nothing had to be unpacked. */
  readonly file: DataFile | undefined;
  readonly onProgress?: (bytes: number) => void;
  /** May be walked several times. */
  parts(): Lines;
}

const starts = (bytes: Uint8Array, magic: readonly number[]): boolean =>
  magic.every((code, index) => bytes[index] === code);

/** The content of a file, or of each entry of an archive. Packing is told by content, not by name. */
export function contentsOf(file: DataFile, onProgress: (bytes: number) => void): readonly Content[] {
  const head = new Uint8Array(4);
  file.read(head, 0);
  const { location = file.path } = file;
  if (starts(head, [0x50, 0x4b, 0x03, 0x04])) {
    return entriesOf(file).map((entry) => ({
      place: `${file.path}:${entry.name}`,
      name: `${file.path.replace(/\.zip$/i, '')}/${entry.name}`,
      location: `${location.replace(/\.zip$/i, '')}/${entry.name}`,
      file: undefined,
      parts: () => bounded(contentOf(file, entry), entry.packed, `${file.path}:${entry.name}`),
    }));
  }
  if (starts(head, [0x1f, 0x8b]))
    return [
      {
        place: file.path,
        name: file.path.replace(/\.gz$/i, ''),
        location: location.replace(/\.gz$/i, ''),
        file: undefined,
        parts: () => bounded(gunzipped(file, onProgress), file.size, file.path),
      },
    ];
  return [{ place: file.path, name: file.path, location, file, onProgress, parts: () => plain(file, onProgress) }];
}

/** Throws DATA-003 for what unpacks without end, long before it fills memory. */
async function* bounded(parts: Lines, packed: number, place: string): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const part of parts) {
    size += part.length;
    if (size > FREE && size > MOST_TIMES * packed)
      throw fault('DATA-003', `${place} must unpack to at most ${MOST_TIMES} times its size, and unpacks to more.`, {
        where: place,
        why: 'No text of a market does; it would fill the memory of this machine.',
        fix: 'If it is sound, unpack it first and import what comes out.',
      });
    yield part;
  }
}

const endless = (place: string): Error =>
  fault('DATA-003', `${place} must be lines of text, and has one of more than ${LONGEST_LINE} bytes.`, {
    where: place,
    fix: 'Write the file again, a row a line.',
  });

function* plain(file: DataFile, onProgress: (bytes: number) => void): Generator<Uint8Array> {
  for (let at = 0; at < file.size; at += PART) {
    const part = new Uint8Array(Math.min(PART, file.size - at));
    yield part.subarray(0, file.read(part, at));
    onProgress(at + part.length);
  }
}

async function* gunzipped(file: DataFile, onProgress: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  try {
    for await (const part of Readable.from(plain(file, onProgress)).pipe(
      process.getBuiltinModule('node:zlib').createGunzip({ chunkSize: PART }),
    ) as AsyncIterable<Uint8Array>)
      yield part;
  } catch (cause) {
    throw fault('DATA-003', `${file.path} must be whole gzip: ${messageOf(cause)}.`, {
      where: file.path,
      cause,
      fix: 'Download or write the file again.',
    });
  }
}

/** A text as blocks of whole lines. A block counts until the next one is asked for. */
export async function* lineBlocks(content: Content): AsyncGenerator<Uint8Array> {
  if (content.file === undefined) yield* joinedBlocks(content.parts(), content.place);
  else yield* fileBlocks(content.file, content.onProgress);
}

/** Of a file as it lies there: one buffer for all blocks, so that no block has to be collected as garbage. */
function* fileBlocks(file: DataFile, onProgress: Content['onProgress']): Generator<Uint8Array> {
  let buffer = new Uint8Array(Math.min(PART, file.size));
  let [held, position] = [0, 0];
  while (position < file.size) {
    if (held === buffer.length) {
      if (held >= LONGEST_LINE) throw endless(file.path);
      const larger = new Uint8Array(buffer.length * 2);
      larger.set(buffer);
      buffer = larger;
    }
    const read = file.read(buffer.subarray(held), position);
    if (read === 0) break;
    position += read;
    onProgress?.(position);
    const filled = held + read;
    const end = position < file.size ? buffer.lastIndexOf(NEWLINE, filled - 1) + 1 : filled;
    if (end > 0) yield buffer.subarray(0, end);
    held = filled - end;
    buffer.copyWithin(0, end, filled);
  }
}

async function* joinedBlocks(parts: Lines, place: string): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let size = 0;
  for await (const part of parts) {
    held.push(part);
    size += part.length;
    const end = part.lastIndexOf(NEWLINE) + 1;
    if (end === 0 && size > LONGEST_LINE) throw endless(place);
    if (size < BLOCK || end === 0) continue;
    yield joined([...held.slice(0, -1), part.subarray(0, end)]);
    held = [part.subarray(end)];
    size = part.length - end;
  }
  if (size > 0) yield joined(held);
}

/** The first bytes of a content. */
export async function headOf(content: Content): Promise<Uint8Array> {
  if (content.file !== undefined) {
    const head = new Uint8Array(Math.min(HEAD, content.file.size));
    return head.subarray(0, content.file.read(head, 0));
  }
  for await (const part of content.parts()) if (part.length > 0) return part;
  return new Uint8Array(0);
}

export async function wholeOf(content: Content): Promise<Uint8Array> {
  const held: Uint8Array[] = [];
  for await (const part of content.parts()) held.push(part);
  return joined(held);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
