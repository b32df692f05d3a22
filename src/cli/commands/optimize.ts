import type { OptimizeAnswer } from '../../runs/optimize-strategy.js';
import type { SearchRequest } from '../../runs/search-request.js';
import type { CommandSpec, Context, Flags, CommandOutcome } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { exitOf } from '../stop-on-signal.js';
import { SEARCH_FLAGS, searchRequestOf, sweepRequestOf } from '../sweep-flags.js';

const SHOWN = 10;

export const optimize: CommandSpec = {
  name: 'optimize',
  summary: 'Search the settings of a strategy over a recorded market, and say how much of the best is luck.',
  example:
    'optimize --data bars.csv --symbol BTC-PERP --param shortMa=5..50:5 --param longMa=20..200:20 --objective sharpe',
  kind: 'optimize.result',
  flags: SEARCH_FLAGS,
  run,
};

async function run(context: Context, flags: Flags): Promise<CommandOutcome> {
  const search = await searchRequestOf(flags);
  const request = { ...sweepRequestOf(context, flags), search };
  const { optimizeStrategy } = await import('../../runs/optimize-strategy.js');
  const { watchedRun } = await import('../watched-run.js');
  const { bestText } = await import('../text/sweep-text.js');
  const { answer, stoppedBy } = await watchedRun(
    context.host,
    'optimize',
    (best: OptimizeAnswer['trials'][number]) => bestText(best, search.objective),
    (watch) => optimizeStrategy(context.host, request, watch),
  );
  const ranked = answer.best === undefined ? EXIT.strategyInvalid : EXIT.ok;
  return {
    kind: 'optimize.result',
    data: answer.summary,
    warnings: answer.notices,
    text: await textOf(answer, search, context),
    exit: stoppedBy === undefined ? ranked : exitOf(stoppedBy),
  };
}

async function textOf(
  { symbol, bars, trials, best, overfit, directory }: OptimizeAnswer,
  { search, objective }: SearchRequest,
  { out }: Context,
): Promise<string> {
  const text = await import('../text/sweep-text.js');
  const { settingsText } = await import('../../runs/trial-json.js');
  return [
    `${symbol}, ${bars} bars, ${search} search for ${objective}; ${text.countText(trials)}`,
    ...(trials.length === 0 ? [] : [text.trialTable(trials, SHOWN)]),
    ...(best === undefined
      ? ['No trial can be ranked.']
      : [text.overfitText(overfit), `Best: ${out.bold(settingsText(best))}`]),
    `Results in ${directory}`,
  ].join('\n');
}
