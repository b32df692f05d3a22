import type { InstrumentSpec } from '../../domain/instrument.js';
import type { FundingStamp } from '../../ports/core-services/simulated-exchange.js';
import { spanOf, type BarColumns } from '../bar-columns.js';
import { readBars, symbolsIn, type DataNote } from './bar-reader.js';
import { readFunding } from './funding-reader.js';
import { fundingStamps, medianHours } from './funding-schedule.js';
import { inferInstrument, type InstrumentDefaults } from './instrument-inference.js';
import { symbolMissing } from './table.js';

const USUAL_FUNDING_HOURS = 8;

export interface DataFile {
  /** As the user named it: it stands in errors. */
  readonly file: string;
  readonly bytes: Uint8Array;
}

export interface HistoryRequest {
  /** The file's own symbol; absent: the only one it holds. */
  readonly symbol?: string;
  readonly data: DataFile;
  readonly funding?: DataFile;
  /** The configuration's description of a symbol; undefined: inferred from the data, with notes. */
  readonly instrument: (symbol: string) => InstrumentSpec | undefined;
  readonly defaults: Omit<InstrumentDefaults, 'fundingIntervalHours'>;
}

/** A recorded market, ready to be driven. */
export interface History {
  readonly columns: BarColumns;
  readonly spec: InstrumentSpec;
  /** Undefined: funding is not simulated. */
  readonly funding: readonly FundingStamp[] | undefined;
  readonly notes: readonly DataNote[];
}

/**
 * Reads and checks everything a run over history needs. Throws DATA-003 to DATA-006. Files spell symbols as they like;
 * the bot's own names are in capitals.
 */
export async function loadHistory(request: HistoryRequest): Promise<History> {
  const { data, funding } = request;
  const symbol = request.symbol ?? (await onlySymbol(data));
  const name = symbol.toUpperCase();
  const described = request.instrument(name);
  const raw = await readBars(data.bytes, { file: data.file, symbol });
  const rates = funding === undefined ? undefined : await readFunding(funding.bytes, { file: funding.file, symbol });
  const fallbackHours = described?.fundingIntervalHours ?? USUAL_FUNDING_HOURS;
  const fundingIntervalHours = rates === undefined ? 0 : medianHours(rates, fallbackHours);
  const { spec, notes: inferred } =
    described === undefined
      ? inferInstrument(raw, name, { ...request.defaults, fundingIntervalHours })
      : { spec: described, notes: [] };
  const { columns, notes } = raw.toColumns(spec);
  const stamps = rates === undefined ? undefined : fundingStamps(rates, { ...spanOf(columns), fallbackHours });
  return {
    columns,
    spec,
    funding: stamps,
    notes: [...inferred, ...notes, ...fundingNotes(stamps)],
  };
}

async function onlySymbol({ file, bytes }: DataFile): Promise<string> {
  const present = await symbolsIn(bytes, file);
  const [symbol] = present;
  if (symbol === undefined || present.size > 1) throw symbolMissing(file, 'one symbol alone', present);
  return symbol;
}

function fundingNotes(stamps: readonly FundingStamp[] | undefined): DataNote[] {
  if (stamps === undefined)
    return [{ code: 'W-FUND-001', message: 'Funding not simulated: no funding file was given.' }];
  if (stamps.length === 0)
    return [{ code: 'W-FUND-003', message: 'No funding stamp lies within the bars: none was paid.' }];
  return [];
}
