import { fault } from '../../domain/errors.js';
import type { DecimalScanner } from '../tables/decimal-scanner.js';
import type { Rows, Table } from '../tables/table.js';

const OPEN = 91;
const CLOSE = 93;
const COMMA = 44;
const QUOTE = 34;
const SPACE = 32;
const BACKSLASH = 92;

/**
 * A JSON array of arrays, `[[1636956000000, 1.2, …], …]`, read from its text: numbers go to exact decimals without a
 * double in between. Rows are of one width, which names their columns: `candle` of six, `trade` of seven.
 */
export class JsonTable implements Table {
  readonly positional = true;

  constructor(
    readonly file: string,
    private readonly bytes: Uint8Array,
    readonly columns: readonly string[],
  ) {}

  parts(): Iterable<Rows> {
    return [new JsonRows(this.file, this.bytes, this.columns.length)];
  }
}

/** Fields of the first row; undefined for JSON that is no array of arrays. */
export function widthOfJson(bytes: Uint8Array): number | undefined {
  const open = skip(bytes, 0);
  const inner = skip(bytes, open + 1);
  if (bytes[open] !== OPEN || bytes[inner] !== OPEN) return undefined;
  let width = 1;
  for (let at = inner + 1, quoted = false; at < bytes.length; at += 1) {
    const code = bytes[at];
    if (code === QUOTE) quoted = !quoted;
    else if (quoted) continue;
    else if (code === CLOSE) return width;
    else if (code === COMMA) width += 1;
    else if (code === OPEN) return undefined;
  }
  return undefined;
}

class JsonRows implements Rows {
  row = 0;
  private position: number;
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;
  private readonly decoder = new TextDecoder();

  constructor(
    private readonly file: string,
    private readonly bytes: Uint8Array,
    private readonly width: number,
  ) {
    this.starts = new Int32Array(width);
    this.ends = new Int32Array(width);
    this.position = skip(bytes, 0) + 1;
  }

  next(): boolean {
    const { bytes } = this;
    let at = skip(bytes, this.position);
    if (this.row > 0 && bytes[at] === COMMA) at = skip(bytes, at + 1);
    else if (this.row > 0 && bytes[at] !== CLOSE) throw this.broken('rows must be parted by commas');
    if (bytes[at] === CLOSE) return false;
    this.row += 1;
    if (bytes[at] !== OPEN) throw this.broken('a row must be an array; a cut-off file ends like this');
    at += 1;
    for (let field = 0; ; field += 1) {
      at = this.field(field, skip(bytes, at));
      if (bytes[at] === CLOSE) {
        if (field + 1 !== this.width) throw this.broken(`a row must have ${this.width} values, had ${field + 1}`);
        break;
      }
      if (bytes[at] !== COMMA) throw this.broken('values must be plain numbers or text; a cut-off file ends like this');
      at += 1;
    }
    this.position = at + 1;
    return true;
  }

  place(): string {
    return `${this.file} row ${this.row}`;
  }

  text(column: number): string {
    const text = this.decoder.decode(this.bytes.subarray(this.starts[column], this.ends[column]));
    return text === 'null' ? '' : text;
  }

  matches(column: number, text: string): boolean {
    return this.text(column) === text;
  }

  isBlank(column: number): boolean {
    return this.text(column) === '';
  }

  scan(column: number, into: DecimalScanner): boolean {
    return into.scan(this.bytes, this.starts[column] as number, this.ends[column] as number);
  }

  whole(column: number): number {
    const value = Number(this.text(column) || NaN);
    return Number.isInteger(value) && value >= 0 ? value : NaN;
  }

  /** Records where a value lies, without the quotes of text, and returns the place behind it. */
  private field(field: number, from: number): number {
    const { bytes } = this;
    let [start, at] = [from, from];
    let end: number;
    if (bytes[at] === QUOTE) {
      start = at + 1;
      for (at = start; at < bytes.length && bytes[at] !== QUOTE; at += 1)
        if (bytes[at] === BACKSLASH) throw this.broken('text must be plain');
      end = at;
      at = skip(bytes, at + 1);
    } else {
      while (at < bytes.length && bytes[at] !== COMMA && bytes[at] !== CLOSE && bytes[at] !== OPEN) at += 1;
      for (end = at; end > start && (bytes[end - 1] as number) <= SPACE;) end -= 1;
    }
    if (field < this.width) {
      this.starts[field] = start;
      this.ends[field] = end;
    }
    return at;
  }

  private broken(what: string): Error {
    return fault('DATA-003', `Row ${this.row}: ${what}.`, {
      where: this.place(),
      fix: 'Download or write the file again.',
    });
  }
}

/** The next byte that is no white space. */
function skip(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && (bytes[at] as number) <= SPACE) at += 1;
  return at;
}
