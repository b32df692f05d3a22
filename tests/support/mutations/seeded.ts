/** Numbers of a seed: the same on every machine. */
export class Seeded {
  private state: number;

  constructor(seed: number) {
    this.state = (seed ^ 0x9e3779b9) >>> 0;
    for (let i = 0; i < 4; i += 1) this.next();
  }

  /** Of 2^32. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  below(count: number): number {
    return this.next() % count;
  }

  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}

/** What a person, an editor or a disk has made of a file. */
export interface Mutation {
  /** What was done, and where. */
  readonly what: string;
  readonly bytes: Buffer;
}

export type Mutate = (lines: readonly string[], random: Seeded) => Mutation;

export const made = (what: string, lines: readonly string[] | string | Buffer): Mutation => ({
  what,
  bytes: Buffer.isBuffer(lines) ? lines : Buffer.from(typeof lines === 'string' ? lines : `${lines.join('\n')}\n`),
});

export const withLine = (lines: readonly string[], at: number, ...now: readonly string[]): string[] => [
  ...lines.slice(0, at),
  ...now,
  ...lines.slice(at + 1),
];

/** What can befall any text, whatever it says. */
export const ANY_TEXT: readonly Mutate[] = [
  (lines, random) => {
    const bytes = Buffer.from(`${lines.join('\n')}\n`);
    const at = random.below(bytes.length);
    const byte = random.of([0x00, 0xff, 0x1b, 0x07, 0x22, 0x0c]);
    return made(
      `byte ${byte} put in at ${at}`,
      Buffer.concat([bytes.subarray(0, at), Buffer.from([byte]), bytes.subarray(at)]),
    );
  },
  (lines) => made('a byte order mark', `\uFEFF${lines.join('\n')}\n`),
  (lines) => made('lines that end with CR LF', `${lines.join('\r\n')}\r\n`),
  (lines) => made('lines that end with CR', `${lines.join('\r')}\r`),
  (lines) => made('no newline at the end', lines.join('\n')),
  (lines) => made('UTF-16', Buffer.from(`\uFEFF${lines.join('\n')}\n`, 'utf16le')),
  () => made('an empty file', ''),
  () => made('blank lines only', '\n \n\t\n'),
];
