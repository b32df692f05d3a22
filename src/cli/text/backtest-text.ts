import type { Palette } from './palette.js';
import type { TradeRow } from '../../report/run-record.js';
import type { BacktestResult } from '../../backtest/result.js';
import { moneyText, percentText } from './format.js';
import { pairs, table } from './table.js';

/** One stream of bars steps with each; of everything else the steps are told beside the events. */
const countText = ({ bars, steps, warmup }: BacktestResult): string =>
  steps === undefined
    ? `${bars} bars, the first ${warmup} warm-up`
    : `${bars} events in ${steps} steps, the first ${warmup} warm-up`;

/** A stamp without a known rate was not paid, and is no stamp that cost nothing. */
function stampsText({ fundings }: BacktestResult): string {
  const unknown = fundings.filter((stamp) => (stamp as { readonly amount?: unknown } | null)?.amount === null).length;
  return unknown === 0
    ? `in ${fundings.length} stamps`
    : `in ${fundings.length - unknown} of ${fundings.length} stamps, the rest unknown`;
}

/** A position that the data ended on: no trade, and worth what the last mark says. */
function openOf({ position, positions, symbol }: BacktestResult): string[] {
  const all = positions ?? (position === undefined ? [] : [{ ...position, symbol }]);
  return all
    .filter(({ quantity }) => Number(quantity) !== 0)
    .map(({ symbol: of, quantity, entry, mark }) => {
      const side = quantity.startsWith('-') ? 'short' : 'long';
      const size = `${quantity.replace('-', '')}${positions === undefined ? '' : ` ${of}`}`;
      return `${side} ${size} from ${entry ?? 'an unknown price'}, ${mark === null ? 'no mark known' : `marked at ${mark}`}`;
    })
    .map((text, _at, { length }) =>
      length > 1 || position === undefined ? text : `${text}, unrealised ${moneyText(position.unrealised, true)}`,
    );
}

/** A backtest's result for people. Every figure in full stands in the JSON. */
export function backtestText(result: BacktestResult, trips: readonly TradeRow[], colours: Palette): string {
  const { sharpe, held } = result;
  const net = moneyText(result.pnl.net, true);
  const lines = [
    `${result.symbol} ${result.interval}, ${minute(result.from)} to ${minute(result.to)}: ${countText(result)}`,
    pairs([
      ['Strategy', `${result.strategy}${result.aborted ? ' (stopped early)' : ''}`],
      ['Trades', `${result.trades} closed, ${result.fills} ${result.fills === 1 ? 'fill' : 'fills'}`],
      ...openOf(result).map((open) => ['Open', open] as const),
      ['Price', moneyText(result.pnl.price, true)],
      ['Fees', moneyText(result.pnl.fees, true)],
      ['Funding', `${moneyText(result.pnl.funding, true)} ${stampsText(result)}`],
      ['Net', colours.bold(net)],
      ...(result.liquidations === 0
        ? []
        : [['Liquidated', colours.red(result.liquidations === 1 ? 'once' : `${result.liquidations} times`)] as const]),
      ['Equity', `${moneyText(result.equity.start)} -> ${moneyText(result.equity.end)}`],
      ['Drawdown', percentText(result.maxDrawdown)],
      ['Sharpe', `${sharpe.value ?? 'too few samples'} (${sharpe.period})`],
      ['Trace', result.traceHash],
    ]),
  ];
  if (held.length > 0)
    lines.push(
      '',
      'What held trading back:',
      table(
        ['gate', 'times', 'for', 'first'],
        held.map((gate) => [gate.gate, String(gate.times), gate.held, gate.firstAt]),
        [1],
      ),
    );
  return [...lines, ...settingLines(result), ...tripLines(trips, result.trades)].join('\n');
}

/** The round trips that closed last: what a report has of all of them. */
function tripLines(trips: readonly TradeRow[], all: number): string[] {
  if (trips.length === 0) return [];
  const symbols = new Set(trips.map(({ symbol }) => symbol));
  const rows = trips.map(({ symbol, side, quantity, openedAt, entry, closedAt, exit, net, exitReason }) => [
    ...(symbols.size > 1 ? [symbol] : []),
    ...[side, quantity, minuteOf(openedAt), entry, minuteOf(closedAt ?? openedAt), exit ?? '', moneyText(net, true)],
    exitReason ?? 'not known',
  ]);
  const head = ['side', 'size', 'entered', 'at', 'left', 'at', 'net', 'because'];
  const left = symbols.size > 1 ? 1 : 0;
  return [
    '',
    trips.length === all ? 'Trades:' : `The last ${trips.length} of ${all} trades:`,
    table(
      left === 0 ? head : ['symbol', ...head],
      rows,
      [1, 3, 5, 6].map((column) => column + left),
    ),
  ];
}

/** What settings made of entries that the strategy asked for, or would have asked for. */
function settingLines({ cuts, switchedOff }: BacktestResult): string[] {
  const lines = [
    ...cuts.map(
      ({ limit, times, firstAt, detail }) =>
        `${times} ${times === 1 ? 'entry' : 'entries'} made smaller by ${limit}, first at ${minute(firstAt)} (${detail}).`,
    ),
    ...switchedOff.map(
      ({ setting, reason, times, firstAt }) =>
        `${times} ${times === 1 ? 'time' : 'times'} no entry because of ${setting} ("${reason}"), first at ${minute(firstAt)}.`,
    ),
  ];
  return lines.length === 0 ? [] : ['', ...lines];
}

const minute = (iso: string): string => iso.slice(0, 16);
const minuteOf = (at: number): string => minute(new Date(at).toISOString());
