import { readFileSync } from 'node:fs';

export interface WalCheck {
  /** Transactions that SQLite will find. */
  readonly committed: number;
  /** Why acknowledged records may be missing behind them; undefined when nothing was lost but an unfinished tail. */
  readonly damage?: string;
}

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const MAGIC_LITTLE = 0x377f0682;
const MAGIC_BIG = 0x377f0683;

/**
 * Looks into the write-ahead log a killed process left behind. SQLite reads it up to the first bad checksum and drops
 * the rest without a word. That is right for a transaction cut short by a crash; but every commit was synced before the
 * next one began, so two commits behind the bad place prove that an acknowledged one was damaged. Format:
 * https://www.sqlite.org/fileformat2.html#the_write_ahead_log
 */
export function checkWal(path: string): WalCheck {
  const wal = readIfAny(path);
  if (wal === undefined || wal.length < HEADER_BYTES + FRAME_HEADER_BYTES) return { committed: 0 };
  const magic = wal.readUInt32BE(0);
  const sums = new Checksum(wal, magic === MAGIC_LITTLE);
  sums.add(0, 24);
  if ((magic !== MAGIC_LITTLE && magic !== MAGIC_BIG) || !sums.equals(24))
    return { committed: 0, damage: 'the head of its write-ahead log is damaged' };

  const frameBytes = FRAME_HEADER_BYTES + wal.readUInt32BE(8);
  let intact = true;
  let committed = 0;
  let commitsBehind = 0;
  for (let at = HEADER_BYTES; at + frameBytes <= wal.length; at += frameBytes) {
    const sameLog = wal.compare(wal, 16, 24, at + 8, at + 16) === 0;
    if (intact) {
      sums.add(at, 8);
      sums.add(at + FRAME_HEADER_BYTES, frameBytes - FRAME_HEADER_BYTES);
      intact = sameLog && sums.equals(at + 16);
    }
    if (wal.readUInt32BE(at + 4) === 0) continue;
    if (intact) committed += 1;
    else if (sameLog) commitsBehind += 1;
  }
  return commitsBehind > 1
    ? { committed, damage: `its write-ahead log is damaged before ${commitsBehind} commits` }
    : { committed };
}

/** SQLite's cumulative checksum over 32-bit words. */
class Checksum {
  private first = 0;
  private second = 0;

  constructor(
    private readonly bytes: Buffer,
    private readonly littleEndian: boolean,
  ) {}

  add(offset: number, length: number): void {
    for (let at = offset; at < offset + length; at += 8) {
      this.first = (this.first + this.word(at) + this.second) >>> 0;
      this.second = (this.second + this.word(at + 4) + this.first) >>> 0;
    }
  }

  /** Stored big-endian whatever the words are. */
  equals(offset: number): boolean {
    return this.bytes.readUInt32BE(offset) === this.first && this.bytes.readUInt32BE(offset + 4) === this.second;
  }

  private word(at: number): number {
    return this.littleEndian ? this.bytes.readUInt32LE(at) : this.bytes.readUInt32BE(at);
  }
}

function readIfAny(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
