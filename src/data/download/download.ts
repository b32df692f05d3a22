import { messageOf, PerpsBotError, fault } from '../../domain/errors.js';
import { barCloseAt, barOpenAt, MONTH_MS } from '../../domain/time-spans.js';
import { backoffMs } from '../../flow/backoff.js';
import type { HistoryKind, HistoryQuery, HistoryRow, PublicHistory } from '../../ports/research/public-history.js';
import type { Scheduler } from '../../ports/configuration/scheduler.js';

const HEADERS: Readonly<Record<HistoryKind, string>> = {
  bars: 'ts_ms,symbol,open,high,low,close,volume',
  trades: 'ts_ms,symbol,price,size,side,id',
  mark: 'ts_ms,symbol,mark_price',
  index: 'ts_ms,symbol,index_price',
  funding: 'ts_ms,symbol,funding_rate',
};
const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** A file that only grows, whole lines at a time; what a crash left of a line is gone when it is opened again. */
export interface GrowingFile {
  readonly path: string;
  /** The last line that was written whole, header included; undefined for a new file. */
  readonly lastLine: string | undefined;
  /** Durable when it returns. */
  append(lines: string): void;
  close(): void;
}

export interface DownloadRequest {
  readonly kind: HistoryKind;
  /** As the venue's library spells it. */
  readonly symbol: string;
  /** As the file is to spell it. */
  readonly name: string;
  readonly intervalMs: number;
  /** First instant wanted, and the first no longer wanted (epoch ms). */
  readonly from: number;
  readonly to: number;
}

export interface DownloadResult {
  readonly path: string;
  /** Rows written by this run. */
  readonly rows: number;
  /** First instant that is not there yet; equals `to` when everything is. */
  readonly reached: number;
  /** Where an earlier run had stopped. */
  readonly resumedAt?: number;
  readonly retries: number;
}

export interface DownloadHooks {
  readonly scheduler: Scheduler;
  readonly signal?: AbortSignal;
  /** Milliseconds of the span that are there, and rows written. */
  readonly onProgress?: (coveredMs: number, rows: number) => void;
}

/**
 * Fetches a span of a venue's past into a file, page after page; each page is on disk before the next is asked for, and
 * a file that is there already is continued after its last row. Only closed candles are taken: `to` must not lie in the
 * future. Stops early, with what it has, when the signal aborts.
 */
export async function download(
  source: PublicHistory,
  file: GrowingFile,
  request: DownloadRequest,
  hooks: DownloadHooks,
): Promise<DownloadResult> {
  const resumed = resumeOf(file, request);
  if (file.lastLine === undefined) file.append(`${HEADERS[request.kind]}\n`);
  let since = resumed?.at ?? request.from;
  let last = resumed;
  let rows = 0;
  let retries = 0;
  while (since < request.to && hooks.signal?.aborted !== true) {
    const query: HistoryQuery = { kind: request.kind, symbol: request.symbol, intervalMs: request.intervalMs, since };
    const page = await patiently(
      () => source.page(query),
      hooks,
      () => (retries += 1),
    );
    if (page === undefined) break;
    const fresh = after(page, last).filter((row) => row.at >= request.from && endOf(row, request) <= request.to);
    if (fresh.length > 0) file.append(fresh.map((row) => lineOf(row, request)).join(''));
    rows += fresh.length;
    const reached = page.at(-1)?.at;
    // Nothing new at the end of a page that is not empty: the page is full of one instant, or the past ends here.
    const next =
      reached === undefined || reached <= since
        ? since + (reached === undefined ? source.pageSpan(query) : stepOf(page, request, source.pageRows, since))
        : reached;
    last = fresh.at(-1) ?? last;
    since = next;
    hooks.onProgress?.(Math.min(since, request.to) - request.from, rows);
  }
  return {
    path: file.path,
    rows,
    reached: Math.min(since, request.to),
    retries,
    ...(resumed === undefined ? {} : { resumedAt: resumed.at }),
  };
}

/** A page may begin with what is there already. */
function after(page: readonly HistoryRow[], last: HistoryRow | undefined): readonly HistoryRow[] {
  if (last === undefined) return page;
  const known = page.findIndex((row) => row.at === last.at && row.fields.at(-1) === last.fields.at(-1));
  return known >= 0 ? page.slice(known + 1) : page.filter((row) => row.at > last.at);
}

/**
 * How far to go on from a page that ended where it began. Trades of one instant that fill a page cannot be told apart
 * by time.
 */
function stepOf(
  page: readonly HistoryRow[],
  { kind, intervalMs, symbol }: DownloadRequest,
  pageRows: number,
  since: number,
): number {
  if (kind === 'trades' && page.length >= pageRows) {
    throw fault(
      'VENUE-003',
      `Trades of ${symbol} at ${new Date(page[0]?.at ?? 0).toISOString()} must fit in one page, were ${page.length} or more.`,
      { why: 'Some of them would be left out unseen.', fix: "Take this day from the venue's files, and import them." },
    );
  }
  return kind === 'trades' || kind === 'funding' ? 1 : barCloseAt(since, intervalMs) - since;
}

/** Instant at which a row is known. */
const endOf = (row: HistoryRow, { kind, intervalMs }: DownloadRequest): number =>
  kind === 'trades' || kind === 'funding' ? row.at + 1 : barCloseAt(row.at, intervalMs);

function lineOf(row: HistoryRow, request: DownloadRequest): string {
  // A mark taken from a candle is its close: known when the candle ends.
  const at = request.kind === 'mark' || request.kind === 'index' ? barCloseAt(row.at, request.intervalMs) : row.at;
  return `${at},${request.name},${row.fields.join(',')}\n`;
}

function resumeOf(file: GrowingFile, request: DownloadRequest): HistoryRow | undefined {
  const { lastLine, path } = file;
  if (lastLine === undefined || lastLine === HEADERS[request.kind]) return undefined;
  const [at = '', name, ...fields] = lastLine.split(',');
  if (name !== request.name || !/^\d+$/.test(at)) {
    throw fault('DATA-003', `The download ${path} must end with a row of ${request.name}, ended with "${lastLine}".`, {
      where: path,
      fix: 'Move it away, and download again.',
    });
  }
  const candle = request.kind === 'mark' || request.kind === 'index';
  // The candle that ends there.
  return { at: candle ? openBefore(Number(at), request.intervalMs) : Number(at), fields };
}

const openBefore = (closeAt: number, intervalMs: number): number =>
  intervalMs === MONTH_MS ? barOpenAt(closeAt - 1, MONTH_MS) : closeAt - intervalMs;

/**
 * Asks again, with growing pauses, while the venue says that it may help. Undefined when the signal aborts meanwhile.
 */
async function patiently<T>(
  ask: () => Promise<T>,
  { scheduler, signal }: DownloadHooks,
  onRetry: () => void,
): Promise<T | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      const transient = PerpsBotError.is(error) && error.code === 'VENUE-002';
      if (!transient) throw error;
      if (attempt === ATTEMPTS) {
        throw fault('VENUE-002', `The venue must answer within ${ATTEMPTS} attempts, it said: ${messageOf(error)}`, {
          cause: error,
          fix: 'Run the same command again later: it goes on where it stopped.',
        });
      }
      onRetry();
      await scheduler.sleep(backoffMs(attempt, FIRST_PAUSE_MS, LONGEST_PAUSE_MS), signal);
      if (signal?.aborted === true) return undefined;
    }
  }
}
