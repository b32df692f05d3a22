import { Decimal } from '#src/domain/decimal.js';
import type { InstrumentSpec } from '#src/domain/instrument.js';
import type { DataFile, DataFiles } from '#src/ports/research/data-files.js';
import type { FundingStamp } from '#src/ports/core-services/simulated-exchange.js';
import type { BarColumns } from '#src/data/bar-columns.js';
import type { DataNote } from '#src/data/data-note.js';
import { openFileMarket, type OpenedMarket, type Terms } from '#src/runs/market-files.js';

/** A file that only a test has. */
export function fileOf(path: string, bytes: Uint8Array): DataFile {
  const read = (into: Uint8Array, position: number): number => {
    const part = bytes.subarray(position, position + into.length);
    into.set(part);
    return part.length;
  };
  return {
    path,
    size: bytes.length,
    read,
    readLater: (into, position) => Promise.resolve(read(into, position)),
    close: () => {},
  };
}

/** Files that only a test has. */
class MemoryDataFiles implements Pick<DataFiles, 'open' | 'join'> {
  constructor(private readonly contents: Readonly<Record<string, string | Uint8Array>>) {}

  open(path: string): DataFile | undefined {
    const content = this.contents[path];
    if (content === undefined) return undefined;
    return fileOf(path, typeof content === 'string' ? new TextEncoder().encode(content) : content);
  }

  join(...parts: string[]): string {
    return parts.join('/');
  }
}

export const TERMS: Terms = {
  instrument: () => undefined,
  defaults: { settle: 'USDT', maxLeverage: new Decimal(20), maintenanceRate: new Decimal('0.005') },
};

export interface FileRequest {
  readonly symbol?: string;
  readonly instrument?: (symbol: string) => InstrumentSpec | undefined;
}

/** What `--data` opens, of files by their names; the first is the data, the second the funding rates. */
export async function openFiles(
  contents: Readonly<Record<string, string | Uint8Array>>,
  { symbol, instrument = TERMS.instrument }: FileRequest = {},
): Promise<OpenedMarket> {
  const [data = '', funding] = Object.keys(contents);
  return openFileMarket(
    new MemoryDataFiles(contents) as unknown as DataFiles,
    {
      from: 'file',
      data,
      ...(funding === undefined ? {} : { funding }),
      ...(symbol === undefined ? {} : { symbol }),
    },
    { ...TERMS, instrument },
  );
}

export interface History {
  readonly columns: BarColumns;
  readonly spec: InstrumentSpec;
  readonly funding: readonly FundingStamp[] | undefined;
  readonly notes: readonly DataNote[];
}

/** The bars of a market of one symbol. */
export function historyOf({ bars, specs, funding, notes }: OpenedMarket): History {
  const [spec] = specs;
  if (bars === undefined || spec === undefined) throw new Error('bars of one symbol were expected');
  return { columns: bars, spec, funding, notes };
}
