import { fault } from '../domain/errors.js';
import type { DecimalScanner } from './decimal-scanner.js';
import type { Rows, Table } from './table.js';

const COMMA = 44;
const NEWLINE = 10;
const RETURN = 13;
const QUOTE = 34;

/** Comma-separated text with a header line. Fields may be quoted; quotes inside quotes are not supported. */
export class CsvTable implements Table {
  readonly columns: readonly string[];
  private readonly body: number;

  constructor(
    readonly file: string,
    private readonly bytes: Uint8Array,
  ) {
    const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    const header = new TextDecoder().decode(bytes.subarray(start, end)).trim();
    if (header === '') throw fault('DATA-004', `${file} must start with a header line, was empty.`, { where: `${file}:1`, fix: 'Use a file with a header and rows.' });
    this.columns = header.split(',').map((name) => name.trim().replace(/^"(.*)"$/, '$1'));
    this.body = end + 1;
  }

  parts(): Iterable<Rows> {
    return [new CsvRows(this.file, this.bytes, this.body, this.columns.length)];
  }
}

/** One pass over the bytes; a row is kept as offsets of its fields, so nothing is allocated per row. */
class CsvRows implements Rows {
  row = 0;
  private line = 1;
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;
  private readonly decoder = new TextDecoder();
  private wanted = '';
  private wantedBytes = new Uint8Array(0);

  constructor(
    private readonly file: string,
    private readonly bytes: Uint8Array,
    private position: number,
    private readonly width: number,
  ) {
    this.starts = new Int32Array(width);
    this.ends = new Int32Array(width);
  }

  next(): boolean {
    const { bytes } = this;
    while (this.position < bytes.length) {
      this.line += 1;
      const code = bytes[this.position];
      if (code === NEWLINE || (code === RETURN && bytes[this.position + 1] === NEWLINE)) {
        this.position += code === NEWLINE ? 1 : 2;
        continue;
      }
      this.row += 1;
      this.splitLine();
      return true;
    }
    return false;
  }

  place(): string {
    return `${this.file}:${this.line}`;
  }

  text(column: number): string {
    return this.decoder.decode(this.bytes.subarray(this.starts[column], this.ends[column]));
  }

  matches(column: number, text: string): boolean {
    if (text !== this.wanted) {
      this.wanted = text;
      this.wantedBytes = new TextEncoder().encode(text);
    }
    const start = this.starts[column] as number;
    if ((this.ends[column] as number) - start !== this.wantedBytes.length) return false;
    for (let i = 0; i < this.wantedBytes.length; i += 1) if (this.bytes[start + i] !== this.wantedBytes[i]) return false;
    return true;
  }

  isBlank(column: number): boolean {
    return this.starts[column] === this.ends[column];
  }

  scan(column: number, into: DecimalScanner): boolean {
    return into.scan(this.bytes, this.starts[column] as number, this.ends[column] as number);
  }

  /** Records where the fields of the line lie and moves behind it. */
  private splitLine(): void {
    const { bytes } = this;
    let at = this.position;
    let field = 0;
    for (;;) {
      const quoted = bytes[at] === QUOTE;
      const start = quoted ? at + 1 : at;
      if (quoted) at = Math.max(start, indexOr(bytes, QUOTE, start));
      let end = quoted ? at : -1;
      while (at < bytes.length && bytes[at] !== COMMA && bytes[at] !== NEWLINE) at += 1;
      if (end < 0) end = at > start && bytes[at - 1] === RETURN && bytes[at] !== COMMA ? at - 1 : at;
      if (field < this.width) {
        this.starts[field] = start;
        this.ends[field] = end;
      }
      field += 1;
      if (bytes[at] !== COMMA) break;
      at += 1;
    }
    this.position = at + 1;
    if (field !== this.width) {
      throw fault('DATA-003', `Row ${this.row}: must have ${this.width} fields, had ${field}.`, { where: this.place(), fix: 'Repair or remove the row; a cut-off file ends like this.' });
    }
  }
}

function indexOr(bytes: Uint8Array, code: number, from: number): number {
  const found = bytes.indexOf(code, from);
  return found < 0 ? bytes.length : found;
}
