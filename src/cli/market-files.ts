import { Decimal } from '../domain/decimal.js';
import { fault, messageOf } from '../domain/errors.js';
import { loadHistory, type DataFile, type History } from '../research/load-history.js';
import type { CliHost, ConfigRequest } from './host.js';

const DEFAULT_MAX_LEVERAGE = new Decimal(20);
const DEFAULT_SETTLE = 'USDT';

export interface MarketFiles {
  readonly data: string;
  readonly funding?: string;
  /** Absent: the only one the file holds. */
  readonly symbol?: string;
}

/** Reads a recorded market. Its instrument is the configuration's where that knows the symbol, else inferred. */
export async function readMarket(host: CliHost, request: ConfigRequest, files: MarketFiles): Promise<History> {
  const { config } = host.loadConfig(request);
  return loadHistory({
    ...(files.symbol === undefined ? {} : { symbol: files.symbol }),
    data: readData(host, files.data, '--data'),
    ...(files.funding === undefined ? {} : { funding: readData(host, files.funding, '--funding') }),
    instrument: (symbol) => config.instruments[symbol],
    defaults: {
      settle: config.execution.collateral[0] ?? DEFAULT_SETTLE,
      maxLeverage: DEFAULT_MAX_LEVERAGE,
      maintenanceRate: config.risk.defaultMaintenanceRate,
    },
  });
}

/** The configuration that a recorded market asks for: its symbol, its instrument, one cycle to a bar. */
export const configFor = (request: ConfigRequest, history: History): ConfigRequest => ({
  ...request,
  symbols: [history.columns.symbol],
  instruments: [history.spec],
  updateIntervalMs: history.columns.intervalMs,
});

function readData(host: CliHost, file: string, flag: string): DataFile {
  let bytes: Uint8Array | undefined;
  try {
    bytes = host.readFile(file);
  } catch (error) {
    throw fault('DATA-002', `${flag} must name a file that can be read, was ${file}: ${messageOf(error)}.`, { where: file, cause: error, fix: 'Name the file itself, and check its permissions.' });
  }
  if (bytes === undefined) {
    throw fault('DATA-002', `${flag} must name a file that exists, was ${file}.`, { where: file, fix: 'Check the path; it is taken from the working directory.' });
  }
  return { file, bytes };
}
