import type { BacktestOptions } from '../backtest/backtest-runner.js';
import type { DataNote } from '../data/data-note.js';
import type { ConfigRequest } from './config-request.js';
import type { OpenedMarket } from './market-files.js';

/** What a run is told of its market and its settings, whoever runs it. */
export const runFactsOf = ({ funding, source }: OpenedMarket, { parameters }: ConfigRequest): BacktestOptions => ({
  parameters: parameters ?? {},
  source,
  ...(funding === undefined ? {} : { funding }),
});

/** What is to know of the market and of the run: what both say, the run has counted. */
export const noticesOf = ({ notes }: Pick<OpenedMarket, 'notes'>, told: readonly DataNote[]): DataNote[] => [
  ...notes.filter(({ code }) => told.every((note) => note.code !== code)),
  ...told,
];
