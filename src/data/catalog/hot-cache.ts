import { crc32 } from '../../flow/crc32.js';
import type { DataFile } from '../../ports/research/data-files.js';
import type { DataKind } from '../columns.js';
import { alignedBytes, SHAPES, type Block, type ColumnArray } from './kinds.js';

const MAGIC = 'PBCOLS\r\n';
const VERSION = 1;
const PREFIX = 16;
/** Bytes that are read and checked at once, and how many such pieces are under way together. */
const PIECE = 1 << 22;
const TOGETHER = 4;

interface Column {
  readonly name: string;
  readonly type: string;
  readonly offset: number;
  readonly bytes: number;
  /** Of each piece of 4 MiB. */
  readonly crc32: readonly number[];
}

interface Header {
  readonly version: number;
  readonly kind: DataKind;
  /** Digest of the rows, as the manifest has it. */
  readonly fingerprint: string;
  readonly rows: number;
  readonly columns: readonly Column[];
}

/**
 * The columns of a block as they lie in memory, behind a header: eight bytes of magic, length and checksum of the
 * header, the header as JSON with a table of the columns, then the columns, each at a multiple of eight. Little-endian.
 */
export function encodeColumns(block: Block, fingerprint: string): Uint8Array[] {
  const bytes = block.columns.map((column) => bytesOf(column));
  let offset = 0;
  const columns = SHAPES[block.kind].map(({ name }, index): Column => {
    const content = bytes[index] as Uint8Array;
    const entry = {
      name,
      type: (block.columns[index] as ColumnArray).constructor.name,
      offset,
      bytes: content.length,
      crc32: piecesOf(content).map((piece) => crc32(piece)),
    };
    offset += alignedBytes(content.length);
    return entry;
  });
  const header: Header = { version: VERSION, kind: block.kind, fingerprint, rows: block.length, columns };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const head = new Uint8Array(alignedBytes(PREFIX + text.length));
  head.set(new TextEncoder().encode(MAGIC));
  const view = new DataView(head.buffer);
  view.setUint32(8, text.length, true);
  view.setUint32(12, crc32(text), true);
  head.set(text, PREFIX);
  return [
    head,
    ...bytes.flatMap((content) => [content, new Uint8Array(alignedBytes(content.length) - content.length)]),
  ];
}

/**
 * Where the columns begin, and what they are; undefined for a file that is not this block's, of another version, or
 * damaged.
 */
function headerOf(
  file: DataFile,
  kind: DataKind,
  fingerprint: string,
  rows: number,
): { readonly header: Header; readonly start: number } | undefined {
  const prefix = new Uint8Array(PREFIX);
  if (file.read(prefix, 0) !== PREFIX || new TextDecoder().decode(prefix.subarray(0, 8)) !== MAGIC) return undefined;
  const view = new DataView(prefix.buffer);
  const length = view.getUint32(8, true);
  if (length > file.size - PREFIX) return undefined;
  const text = new Uint8Array(length);
  if (file.read(text, PREFIX) !== length || crc32(text) !== view.getUint32(12, true)) return undefined;
  const header = JSON.parse(new TextDecoder().decode(text)) as Header;
  if (header.version !== VERSION || header.kind !== kind || header.fingerprint !== fingerprint || header.rows !== rows)
    return undefined;
  return { header, start: alignedBytes(PREFIX + length) };
}

/**
 * Reads the columns into rows `offset` and following of a block. False, with the block in an unknown state, for a file
 * that is stale or damaged: its checksums are compared with what was read.
 */
export async function readColumnsInto(
  file: DataFile,
  fingerprint: string,
  into: Block,
  offset: number,
  rows: number,
): Promise<boolean> {
  const found = headerOf(file, into.kind, fingerprint, rows);
  if (found === undefined) return false;
  const { header, start } = found;
  const pieces: Piece[] = [];
  for (const [index, shape] of SHAPES[into.kind].entries()) {
    const entry = header.columns[index];
    const column = (into.columns[index] as ColumnArray).subarray(offset, offset + rows);
    if (entry?.name !== shape.name || entry.type !== column.constructor.name || entry.bytes !== column.byteLength)
      return false;
    piecesOf(bytesOf(column)).forEach((bytes, piece) =>
      pieces.push({ bytes, position: start + entry.offset + piece * PIECE, crc32: entry.crc32[piece] }),
    );
  }
  let next = 0;
  const take = async (): Promise<boolean> => {
    for (let piece = pieces[next++]; piece !== undefined; piece = pieces[next++]) {
      if (
        (await file.readLater(piece.bytes, piece.position)) !== piece.bytes.length ||
        crc32(piece.bytes) !== piece.crc32
      )
        return false;
    }
    return true;
  };
  const taken = await Promise.all(Array.from({ length: TOGETHER }, take));
  return taken.every(Boolean);
}

interface Piece {
  readonly bytes: Uint8Array;
  readonly position: number;
  readonly crc32: number | undefined;
}

const piecesOf = (bytes: Uint8Array): Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / PIECE) }, (_, index) =>
    bytes.subarray(index * PIECE, (index + 1) * PIECE),
  );

const bytesOf = (column: ColumnArray): Uint8Array =>
  new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
