import type { Json } from '../../ports/storage/event-store.js';
import { PERCENTILES, type Spread } from '../../research/monte-carlo/distribution.js';
import type { NamedDistribution } from '../../runs/monte-carlo-runs.js';
import { numberText } from '../../runs/trial-json.js';
import { moneyText } from './format.js';
import { table } from './table.js';

const NAMES: Readonly<Record<string, string>> = {
  reshuffle: 'Trades in another order',
  bootstrap: 'Trades drawn again',
  bars: 'Resampled markets',
};
const DIGITS = 12;

const money = (value: number): string => (Number.isFinite(value) ? moneyText(value.toFixed(8), true) : '-');
const share = (value: number): string => (Number.isFinite(value) ? `${(value * 100).toFixed(2)} %` : '-');

export function distributionText({ name, distribution }: NamedDistribution): string {
  const row = (title: string, spread: Spread, text: (value: number) => string): string[] => [
    title,
    ...spread.percentiles.map(text),
    spread.actual === undefined ? '-' : text(spread.actual),
    spread.below === undefined ? '-' : `above ${(spread.below * 100).toFixed(0)} %`,
  ];
  const { net, maxDrawdown, sharpe, runs, lossShare } = distribution;
  const head = [
    `${NAMES[name] ?? name}, ${runs} runs`,
    ...PERCENTILES.map((percentile) => `${percentile} %`),
    'actual',
    'it lies',
  ];
  return [
    table(
      head,
      [
        row('net', net, money),
        row('drawdown', maxDrawdown, share),
        row('sharpe', sharpe, (value) => numberText(value)),
      ],
      head.map((_, index) => index).slice(1),
    ),
    lossShare === undefined ? 'No run ended.' : `${share(lossShare)} of the runs lost money.`,
  ].join('\n');
}

export const distributionJson = ({ name, distribution }: NamedDistribution): Json => ({
  name,
  runs: distribution.runs,
  lossShare: short(distribution.lossShare),
  net: spreadJson(distribution.net),
  maxDrawdown: spreadJson(distribution.maxDrawdown),
  sharpe: spreadJson(distribution.sharpe),
});

const spreadJson = ({ percentiles, runs, actual, below }: Spread): Json => ({
  ...Object.fromEntries(PERCENTILES.map((percentile, index) => [`p${percentile}`, short(percentiles[index])])),
  runs,
  actual: short(actual),
  below: short(below),
});

/** Statistics carry no more digits than they have meaning; what is not known is null. */
const short = (value: number | undefined): number | null =>
  value === undefined || !Number.isFinite(value) ? null : Number(value.toPrecision(DIGITS));
