/**
 * Hand-made bars with the result of each, from the tests that freqtrade has of its backtest in detail: numbers alone.
 * A table begins with its terms. Of a bar: open, high, low, close, and what is wished at its close: L and S enter, l
 * and s leave. `targets` are shares by minutes since the entry (-1: whatever it is worth), `then` is what the limit to
 * enter at is brought to a bar later, `doubt` why it need not agree: what no venue does.
 */
const TEXT = `
table 0, stop 0.01, targets 0:1, profit 0.002, trades 1-4
5000 5025 4975 4987 L / 5000 5025 4975 4987 / 4987 5012 4986 4986 / 5010 5010 4980 5010 l
5010 5011 4977 4995 / 4995 4995 4950 4950
table 1, stop 0.01, targets 0:1, profit -0.01, trades 1-2
5000 5025 4975 4987 L / 5000 5025 4975 4987 / 4987 5012 4600 4600 / 4975 5000 4975 4977
4977 4995 4977 4995 / 4995 4995 4950 4950
table 2, stop 0.03, targets 0:1, profit -0.03, trades 1-3
5000 5025 4975 4987 L / 5000 5025 4975 4987 / 4987 5012 4962 4975 / 4975 5000 4800 4962
4962 4987 4937 4950 / 4950 4975 4925 4950
table 3, stop 0.02, targets 0:1, profit -0.04, trades 1-2 4-5
5000 5025 4975 4987 L / 5000 5025 4975 4987 / 4987 5012 4800 4975 / 4975 5000 4950 4962 L
4975 5000 4950 4962 / 4962 4987 4000 4000 / 4950 4975 4950 4950
table 4, stop 0.02, targets 0:0.06, profit -0.02, trades 1-2
5000 5025 4975 4987 L / 5000 5025 4975 4987 / 4987 5750 4850 5750 / 4975 5000 4950 4962
4962 4987 4937 4950 / 4950 4975 4925 4950
table 5, stop 0.01, targets 0:0.03, profit 0.03, trades 1-3
5000 5025 4980 4987 L / 5000 5025 4980 4987 / 4987 5025 4975 4987 / 4975 6000 4975 6000
4962 4987 4962 4972 / 4950 4975 4925 4950
table 6, stop 0.02, targets 0:0.05, profit -0.02, trades 1-2
5000 5025 4975 4987 L / 5000 5025 4975 4987 / 4987 5300 4850 5050 / 4975 5000 4950 4962
4962 4987 4950 4950 / 4950 4975 4925 4950
table 7, stop 0.02, targets 0:0.03, profit 0.03, trades 1-2
5000 5025 4975 4987 L / 5000 5025 4975 4987 / 4987 5300 4950 5050 / 4975 5000 4950 4962
4962 4987 4950 4950 / 4950 4975 4925 4950
table 8, stop 0.1, targets 0:0.1, trail 0.1, profit -0.055, trades 1-3
5000 5050 4950 5000 L / 5000 5050 4950 5000 / 5000 5250 4750 4850 / 4850 5050 4650 4750
4750 4950 4350 4750
table 9, stop 0.1, targets 0:0.1, trail 0.1, profit -0.064, trades 1-3, doubt path within a bar
5000 5050 4950 5000 L / 5000 5050 4950 5000 / 5000 5050 4950 5000 / 5000 5200 4550 4850
4750 4950 4350 4750
table 10, stop 0.1, targets 0:0.1, trail 0.03, after 0.1, profit -0.1, trades 1-4
5000 5050 4950 5000 L / 5000 5100 4950 5100 / 5100 5251 5100 5100 / 4850 5050 4650 4750
4750 4950 4350 4750
table 11, stop 0.1, targets 0:0.1, trail 0.03, after 0.05, profit 0.019, trades 1-3, doubt a gapped trailing stop filled above the open
5000 5050 4950 5000 L / 5000 5100 4950 5100 / 5100 5251 5100 5100 / 5000 5150 4650 4750
4750 4950 4350 4750
table 12, stop 0.1, targets 0:0.1, trail 0.03, after 0.05, profit 0.019, trades 1-2, doubt path within a bar
5000 5050 4950 5000 L / 5000 5100 4950 5100 / 5100 5251 4650 5100 / 4850 5050 4650 4750
4750 4950 4350 4750
table 13, stop 0.1, targets 0:0.01, profit 0.01, trades 1-1
5000 5050 4950 5000 L / 5000 5100 4950 5100 / 5100 5251 4850 5100 / 4850 5050 4750 4750
4750 4950 4750 4750
table 14, stop 0.05, targets 0:0.1, profit -0.05, trades 1-1
5000 5050 4950 5000 L / 5000 5100 4600 5100 / 5100 5251 4850 5100 / 4850 5050 4750 4750
4750 4950 4350 4750
table 15, stop 0.05, targets 0:0.01, profit -0.04, trades 1-1 2-2
5000 5050 4950 5000 L / 5000 5100 4900 5100 L / 5100 5251 4650 5100 / 4850 5050 4750 4750
4750 4950 4350 4750
table 16, stop 0.1, targets 0:0.1 65:-1, profit -0.012, trades 1-3, doubt needs minutes inside hourly bars
5000 5025 4975 4987 L / 5000 5025 4975 4987 / 4987 5300 4950 5050 / 4975 5000 4940 4962
4962 4987 4950 4950 / 4950 4975 4925 4950
table 17, stop 0.1, targets 0:0.1 120:-1, profit -0.004, trades 1-3
5000 5025 4975 4987 L / 5000 5025 4975 4987 / 4987 5300 4950 5050 / 4980 5000 4940 4962
4962 4987 4950 4950 / 4950 4975 4925 4950
table 18, stop 0.1, targets 0:0.1 120:0.01, profit 0.04, trades 1-3
5000 5025 4975 4987 L / 5000 5025 4975 4987 / 4987 5300 4950 5200 / 5200 5220 4940 4962
4962 4987 4950 4950 / 4950 4975 4925 4950
table 19, stop 0.1, targets 0:0.1 120:0.01, profit 0.01, trades 1-3
5000 5025 4975 4987 L / 5000 5025 4975 4987 / 4987 5300 4950 5200 / 5000 5300 4940 4962
4962 4987 4950 4950 / 4550 4975 4550 4950
table 20, stop 0.1, targets 0:0.1 119:0.01, profit 0.01, trades 1-3, doubt a target sold below the open
5000 5025 4975 4987 L / 5000 5025 4975 4987 / 4987 5300 4950 5200 / 5200 5300 4940 4962
4962 4987 4950 4950 / 4925 4975 4925 4950
table 21, stop 0.1, targets 0:0.04, trail 0.03, after 0.05, profit 0.04, trades 1-2
5000 5050 4950 5000 L / 5000 5100 4950 5100 / 5100 5251 4650 5100 / 4850 5050 4650 4750
4750 4950 4350 4750
table 22, stop 0.1, targets 0:0.04, trail 0.03, after 0.05, profit 0.04, trades 1-2
5000 5050 4950 5000 L / 5000 5100 4950 5100 / 5100 5251 5100 5100 / 4850 5050 4650 4750
4750 4950 4350 4750
table 23, stop 0.1, targets 0:0.04, trail 0.03, after 0.05, profit 0.04, trades 1-2
5000 5050 4950 5000 S / 5000 5050 4900 4900 / 4900 4900 4749 4900 / 4850 5050 4650 4750
4750 4950 4350 4750
table 24, stop 0.1, targets 0:0.1 119:0.03, trail 0.03, after 0.05, profit 0.03, trades 1-3, doubt a gapped trailing stop filled above the open
5000 5050 4950 5000 L / 5000 5100 4950 5100 / 5100 5251 5100 5100 / 4850 5251 4650 4750
4750 4950 4350 4750
table 25, stop 0.01, targets 0:1, profit -0.01, trades 1-3
5000 5025 4975 4987 L / 5000 5025 4975 4987 / 4987 5012 4986 4986 / 5010 5010 4855 5010 l
5010 5010 4977 4995 / 4995 4995 4950 4950
table 26, stop 0.01, targets 0:1, profit 0.002, trades 1-4
5000 5025 4975 4987 L / 5000 5025 4975 4987 / 4987 5012 4986 4986 / 5010 5010 4986 5010 l
5010 5010 4855 4995 / 4995 4995 4950 4950
table 27, stop 0.05, leverage 5, targets 0:1, profit 0.01, trades 1-4
5000 5025 4975 4987 L / 5000 5025 4975 4987 / 4987 5012 4986 4986 / 5010 5010 4986 5010 l
5010 5010 4855 4995 / 4995 4995 4950 4950
table 28, stop 0.05, leverage 5, targets 0:1, profit 0.01, trades 1-4
5000 5025 4975 4987 S / 5000 5025 4975 4987 / 4987 5012 4986 4986 / 5010 5010 4986 5010 s
4990 5010 4855 4995 / 4995 4995 4950 4950
table 29, stop 0.1, targets 0:0.05, profit 0.05, trades 1-3
5000 5025 4975 4987 L / 5000 5025 4975 4987 / 4987 5012 4986 4986 / 5010 5251 4986 5010 l
5010 5010 4855 4995 / 4995 4995 4950 4950
table 30, stop 0.1, targets 0:0.05, profit 0.002, trades 1-4
5000 5025 4975 4987 L / 5000 5025 4975 4987 / 4987 5012 4986 4986 / 5010 5012 4986 5010 l
5010 5251 4855 4995 / 4995 4995 4950 4950
table 31, stop 0.1, targets 0:0.1, trail 0.03, after 0.05, profit -0.03, trades 1-3
5000 5050 4950 5000 L / 5000 5100 4950 5100 / 5100 5251 5100 5100 / 4850 5050 4650 4750
4750 4950 4350 4750
table 32, stop 0.1, targets 0:0.1, trail 0.03, after 0.05, profit -0.03, trades 1-3
5000 5050 4950 5000 S / 5000 5050 4890 4890 / 4890 4890 4749 4890 / 5150 5350 4950 4950
4750 4950 4350 4750
table 33, stop 0.1, targets 0:0.1, trail 0.03, profit -0.02, trades 1-2
5000 5050 4950 5000 L / 5000 5050 5000 5000 / 4900 5250 4500 5100 / 5100 5100 4650 4750
4750 4950 4350 4750
table 34, stop 0.1, targets 0:0.1, trail 0.01, profit -0.01, trades 1-1
5000 5050 4950 5000 L / 5000 5500 4900 4900 / 4900 5250 4500 5100 / 5100 5100 4650 4750
4750 4950 4350 4750
table 35, stop 0.1, targets 0:0.1, trail 0.01, after 0.02, profit 0.01, trades 1-1
5000 5050 4950 5000 L / 5000 5500 4900 4900 / 4900 5250 4500 5100 / 5100 5100 4650 4750
4750 4950 4350 4750
table 36, stop 0.01, targets 0:0.1, trail 0.01, after 0.02, profit -0.01, trades 1-1, doubt a fill outside the bar
5000 5050 4950 5000 L / 5000 5500 4951 5000 / 4900 5250 4500 5100 / 5100 5100 4650 4750
4750 4950 4350 4750
table 37, stop 0.01, targets 0:0.1, trail 0.01, after 0.02, profit -0.01, trades 1-1, doubt a fill outside the bar
5000 5050 4950 5000 L / 5000 5500 4951 5000 / 4900 5250 4500 5100 / 5100 5100 4650 4750
4750 4950 4350 4750
table 38, stop 0.01, targets 0:0.1, trail 0.01, after 0.02, profit -0.01, trades 1-1, doubt a fill outside the bar
5000 5050 4950 5000 S / 5000 5049 4500 5000 / 4900 5250 4500 5100 / 5100 5100 4650 4750
4750 4950 4350 4750
table 39, stop 0.01, targets 0:0.1, entry 4200, profit 0, trades
5000 5050 4950 5000 L / 5000 5500 4951 5000 / 4900 5250 4500 5100 / 5100 5100 4650 4750
4750 4950 4350 4750
table 40, stop 0.01, targets 0:0.1, entry 7200, profit -0.01, trades 1-1, doubt an entry capped at the high
5000 5050 4950 5000 L / 5000 5500 4951 5000 / 4900 5250 4500 5100 / 5100 5100 4650 4750
4750 4950 4350 4750
table 41, stop 0.01, targets 0:0.1, entry 4000, profit -0.01, trades 1-1
5000 5050 4950 5000 S / 5000 5500 4951 5000 / 4900 5250 4500 5100 / 5100 5100 4650 4750
4750 4950 4350 4750
table 42, stop 0.1, targets 0:0.01, entry 4952, profit 0.01, trades 1-2
5000 5050 4950 5000 L / 5000 5500 4951 4999 / 4900 5250 4500 5100 / 5100 5100 4650 4750
4750 4950 4350 4750
table 43, stop 0.1, targets 0:0.01, entry 4952, profit 0.01, trades 1-1
5000 5050 4950 5000 L / 5400 5500 4951 5100 / 4900 5250 4500 5100 / 5100 5100 4650 4750
4750 4950 4350 4750
table 44, stop 0.1, targets 0:0.1, exit 4552, profit -0.01, trades 1-3, doubt a limit sold at the low instead of the open
5000 5050 4950 5000 L / 5000 5500 4951 5000 / 4900 5250 4900 5100 l / 5100 5100 4950 4950
5000 5100 4950 4950
table 45, stop 0.1, targets 0:0.1, exit 6052, profit 0, trades 1-4
5000 5050 4950 5000 L / 5000 5500 4951 5000 / 4950 5250 4900 5100 l / 5100 5100 4950 4950
5000 5100 4950 4950
table 46, stop 0.1, targets 0:0.1, exit 4700, profit 0, trades 1-4
5000 5050 4950 5000 S / 5000 5000 4951 5000 / 4910 5150 4910 5100 s / 5100 5100 4950 4950
5000 5100 4950 4950
table 47, stop 0.1, targets 0:0.1, profit 0, trades
5000 5050 4950 5000 LS / 5000 5500 4951 5000 / 4900 5250 4900 5100 / 5100 5100 4950 4950
5000 5100 4950 4950
table 48, stop 0.2, targets 0:0.1, entry 4200, then 5200, profit -0.087, trades 1-4, doubt an entry capped at the high
5000 5050 4950 5000 L / 5000 5500 4951 5000 / 4900 5250 4500 5100 / 5100 5100 4650 4750 l
4750 4950 4350 4750
table 49, stop 0.2, targets 0:0.1, entry 5300, then 5000, profit 0.05, trades 1-4
5000 5050 4950 5000 S / 5000 5200 4951 5000 / 4900 5250 4900 5100 / 5100 5100 4650 4750 s
4750 4950 4350 4750
table 50, stop 0.01, targets 0:0.1, entry 4200, then none, profit 0, trades
5000 5050 4950 5000 L / 5000 5500 4951 5000 / 4900 5250 4500 5100 / 5100 5100 4650 4750
4750 4950 4350 4750
table 51, stop 0.01, targets 0:0.1, entry 4200, then 4100, minutes 60, profit 0, trades
5000 5050 4950 5000 L / 5000 5500 4951 5000 / 4900 5250 4500 5100 / 5100 5100 4650 4750
4750 4950 4350 4750
table 52, stop 0.03, entry 4200, then 5200, profit -0.03, trades 1-2
5000 5050 4950 5000 L / 5000 5500 4951 5000 / 4900 5250 4500 5100 / 5100 5100 4650 4750
4750 4950 4350 4750
table 53, stop 0.03, targets 0:0.1, entry 5300, then 5000, profit -0.03, trades 1-2
5000 5050 4950 5000 S / 5000 5200 4951 5000 / 4900 5250 4900 5100 / 5100 5100 4650 4750 s
4750 4950 4350 4750
`;

export interface CandleTable {
  readonly name: string;
  readonly bars: readonly { readonly prices: readonly number[]; readonly wishes: string }[];
  /** Share of the entry's price. */
  readonly stop: number;
  readonly leverage: number;
  readonly targets: readonly { readonly minutes: number; readonly share: number }[];
  readonly trail: { readonly by: number; readonly after: number } | undefined;
  readonly entry: number | undefined;
  readonly then: number | 'none' | undefined;
  readonly exit: number | undefined;
  /** Of all trades together, of what they tied up, to three digits. */
  readonly profit: number;
  /** Bars in which each was entered and left: `1-4`. */
  readonly trades: readonly string[];
  readonly doubt: string | undefined;
}

export const CANDLE_TABLES: readonly CandleTable[] = TEXT.trim()
  .split(/\n(?=table)/)
  .map((text) => {
    const [head = '', ...rows] = text.split('\n');
    const terms = new Map(head.split(', ').map((each) => [each.split(' ')[0] ?? '', each.split(' ').slice(1)]));
    const number = (name: string): number | undefined => (terms.has(name) ? Number(terms.get(name)?.[0]) : undefined);
    const by = number('trail');
    return {
      name: terms.get('table')?.[0] ?? '',
      bars: rows
        .flatMap((row) => row.split(' / '))
        .map((bar) => ({
          prices: bar.split(' ').slice(0, 4).map(Number),
          wishes: bar.split(' ')[4] ?? '',
        })),
      stop: number('stop') ?? Number.NaN,
      leverage: number('leverage') ?? 1,
      targets: (terms.get('targets') ?? []).map((each) => {
        const [minutes, share] = each.split(':').map(Number);
        return { minutes: minutes ?? Number.NaN, share: share ?? Number.NaN };
      }),
      trail: by === undefined ? undefined : { by, after: number('after') ?? 0 },
      entry: number('entry'),
      then: terms.get('then')?.[0] === 'none' ? 'none' : number('then'),
      exit: number('exit'),
      profit: number('profit') ?? Number.NaN,
      trades: terms.get('trades') ?? [],
      doubt: terms.get('doubt')?.join(' '),
    };
  });
