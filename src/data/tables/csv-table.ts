import { fault } from '../../domain/errors.js';
import type { DecimalScanner } from './decimal-scanner.js';
import type { Rows, Table } from './table.js';

const COMMA = 44;
export const NEWLINE = 10;
export const RETURN = 13;
export const QUOTE = 34;
const ZERO = 48;
const SPACE = 32;
const TAB = 9;
const SEMICOLON = 59;

/** Whole lines of a text file, some megabytes at a time: what a file that does not fit into memory is read as. */
export type Lines = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * Text with a header line, its fields parted by commas, semicolons or tabs. Fields may be quoted; quotes inside quotes
 * are not supported.
 */
export class CsvTable implements Table {
  readonly columns: readonly string[];
  readonly positional: boolean;
  private readonly blocks: Lines;
  private readonly body: number;
  private readonly separator: number;
  private last: number | undefined;

  /**
   * Either all bytes of the file, or its first block and all blocks of whole lines, the first among them. Where the
   * file has no header line its columns are named here, and every line is a row.
   */
  constructor(
    readonly file: string,
    first: Uint8Array,
    options: { readonly blocks?: Lines; readonly columns?: readonly string[] } = {},
  ) {
    const { names, body, separator } =
      options.columns === undefined
        ? headerOf(file, first)
        : { names: options.columns, body: startOf(first), separator: COMMA };
    this.columns = names;
    this.positional = options.columns !== undefined;
    this.body = body;
    this.separator = separator;
    this.blocks = options.blocks ?? [first];
  }

  async *parts(): AsyncGenerator<Rows> {
    let rows: CsvRows | undefined;
    for await (const block of this.blocks) {
      rows = new CsvRows(
        this.file,
        block,
        rows === undefined ? this.body : 0,
        this.columns.length,
        rows ?? { row: 0, line: this.body > startOf(block) ? 1 : 0 },
        this.separator,
      );
      this.last = block.at(-1) ?? this.last;
      yield rows;
    }
  }

  endless(): boolean {
    return this.last !== undefined && this.last !== NEWLINE && this.last !== RETURN;
  }
}

/** The names in the first line of a file, and where its second begins. Throws DATA-004 for an empty one. */
export function headerOf(
  file: string,
  bytes: Uint8Array,
): { readonly names: readonly string[]; readonly body: number; readonly separator: number } {
  const start = startOf(bytes);
  const newline = bytes.indexOf(NEWLINE, start);
  const end = newline < 0 ? bytes.length : newline;
  const header = new TextDecoder().decode(bytes.subarray(start, end)).replace(/\r$/, '');
  if (header.trim() === '')
    throw fault('DATA-004', `${file} must start with a header line, was empty.`, {
      where: `${file}:1`,
      fix: 'Use a file with a header and rows.',
    });
  const separator = separatorOf(header);
  return {
    names: header.split(String.fromCharCode(separator)).map((name) =>
      name
        .trim()
        .replace(/^"(.*)"$/, '$1')
        .trim(),
    ),
    body: end + 1,
    separator,
  };
}

/** What parts the most names of a header. */
function separatorOf(header: string): number {
  const plain = header.replaceAll(/"[^"]*"/g, '');
  const count = (code: number): number => plain.split(String.fromCharCode(code)).length;
  return [SEMICOLON, TAB].reduce((best, code) => (count(code) > count(best) ? code : best), COMMA);
}

/** Behind the mark that some programs put before UTF-8. */
const startOf = (bytes: Uint8Array): number => (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0);

/** One pass over the bytes; a row is kept as offsets of its fields, so nothing is allocated per row. */
export class CsvRows implements Rows {
  row: number;
  line: number;
  /** Behind the last whole line. */
  readonly plainEnd: number;
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;
  private readonly decoder = new TextDecoder();
  private readonly encoded = new Map<string, Uint8Array>();

  constructor(
    private readonly file: string,
    readonly bytes: Uint8Array,
    /** Where the next line begins. */
    public position: number,
    private readonly width: number,
    /** Where the block before this one ended. */
    before: { readonly row: number; readonly line: number },
    readonly separator: number,
  ) {
    this.plainEnd = bytes.lastIndexOf(NEWLINE) + 1;
    this.row = before.row;
    this.line = before.line;
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
    let wanted = this.encoded.get(text);
    if (wanted === undefined) this.encoded.set(text, (wanted = new TextEncoder().encode(text)));
    return this.is(column, wanted);
  }

  /** The bytes of a field, which outlive the block. */
  bytesOf(column: number): Uint8Array {
    return this.bytes.slice(this.starts[column], this.ends[column]);
  }

  is(column: number, text: Uint8Array | undefined): boolean {
    const start = this.starts[column] as number;
    if (text === undefined || (this.ends[column] as number) - start !== text.length) return false;
    for (let i = 0; i < text.length; i += 1) if (this.bytes[start + i] !== text[i]) return false;
    return true;
  }

  /** Lines, each a row, that somebody else has read. */
  pass(lines: number, position: number): void {
    this.row += lines;
    this.line += lines;
    this.position = position;
  }

  isBlank(column: number): boolean {
    return this.starts[column] === this.ends[column];
  }

  scan(column: number, into: DecimalScanner): boolean {
    return into.scan(this.bytes, this.starts[column] as number, this.ends[column] as number);
  }

  whole(column: number): number {
    const { bytes } = this;
    const end = this.ends[column] as number;
    let value = 0;
    for (let at = this.starts[column] as number; at < end; at += 1) {
      const digit = (bytes[at] as number) - ZERO;
      if (!(digit >= 0 && digit <= 9)) return this.wholeText(column);
      value = value * 10 + digit;
    }
    return end > (this.starts[column] as number) ? value : NaN;
  }

  /** As programs that know only doubles write whole numbers: `1722988800000.0`, `1.7229888E12`. */
  private wholeText(column: number): number {
    const text = this.text(column);
    const value = /^\d[\d.eE+]*$/.test(text) ? Number(text) : NaN;
    return Number.isSafeInteger(value) ? value : NaN;
  }

  /** Records where the fields of the line lie and moves behind it. */
  private splitLine(): void {
    const { bytes, separator } = this;
    let at = this.position;
    let field = 0;
    for (;;) {
      const quoted = bytes[at] === QUOTE;
      let start = quoted ? at + 1 : at;
      if (quoted) at = Math.max(start, indexOr(bytes, QUOTE, start));
      let end = quoted ? at : -1;
      while (at < bytes.length && bytes[at] !== separator && bytes[at] !== NEWLINE) at += 1;
      if (end < 0) end = at > start && bytes[at - 1] === RETURN && bytes[at] !== separator ? at - 1 : at;
      if (field < this.width) {
        while (start < end && isBlankByte(bytes[start])) start += 1;
        while (end > start && isBlankByte(bytes[end - 1])) end -= 1;
        this.starts[field] = start;
        this.ends[field] = end;
      }
      field += 1;
      if (bytes[at] !== separator) break;
      at += 1;
    }
    this.position = at + 1;
    if (field !== this.width) {
      throw fault('DATA-003', `Row ${this.row}: must have ${this.width} fields, had ${field}.`, {
        where: this.place(),
        fix: 'Repair or remove the row; a cut-off file ends like this.',
      });
    }
  }
}

const isBlankByte = (code: number | undefined): boolean => code === SPACE || code === TAB;

function indexOr(bytes: Uint8Array, code: number, from: number): number {
  const found = bytes.indexOf(code, from);
  return found < 0 ? bytes.length : found;
}
