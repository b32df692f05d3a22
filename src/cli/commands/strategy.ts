import type { Json } from '../../ports/storage/event-store.js';
import type { ParameterRange, StrategyDefinition } from '../../ports/core-services/strategy.js';
import { barIntervalText } from '../../domain/time-spans.js';
import type { CheckedStrategy } from '../../runs/check-strategy.js';
import type { LookAheadReport } from '../../backtest/look-ahead/check-look-ahead.js';
import type { CommandSpec, Context, Flags, CommandOutcome } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { countFlag, usage } from '../flags.js';
import { marketRequestOf, namesMarket } from '../market-flags.js';
import { givenOf, MARKET_FLAGS, runFlags } from '../run-flags.js';
import { runConfigWithParameters } from '../run-request.js';
import { strategyNew } from '../templates/strategy-new.js';

const list: CommandSpec = {
  name: 'strategy ls',
  summary: 'List the strategies and their parameters.',
  example: 'strategy ls --file ./my-strategy.js',
  kind: 'strategy.list',
  flags: [
    { flags: '--file <file>', text: 'a module of your own beside the built-in ones; may be repeated', repeated: true },
  ],
  async run({ host }, flags) {
    const { loadStrategy } = await import('../../runs/strategy-module.js');
    const { table } = await import('../text/table.js');
    const own = await Promise.all(
      flags.list('file').map(async (path) => ({ path, definition: await loadStrategy(host, path) })),
    );
    const all = [...host.builtInStrategies().map((definition) => ({ path: 'built in', definition })), ...own];
    return {
      kind: 'strategy.list',
      data: {
        strategies: all.map(({ path, definition }) => ({
          name: definition.name,
          from: path,
          parameters: definition.parameters.map((name) => ({ name, ...(rangeOf(definition, name) ?? {}) })),
        })),
      },
      text: table(
        ['strategy', 'from', 'parameters'],
        all.map(({ path, definition }) => [
          definition.name,
          path,
          definition.parameters.map((name) => parameterText(definition, name)).join(', '),
        ]),
      ),
    };
  },
};

const check: CommandSpec = {
  name: 'strategy check',
  summary: 'Check a strategy: its form, its parameters and, with data, that it does not look ahead.',
  example: 'strategy check ./my-strategy.js --data bars.csv --param fast=10',
  kind: 'strategy.check',
  argument: { name: 'file', text: 'the strategy, in place of --strategy', optional: true },
  flags: [...runFlags(), { flags: '--cuts <n>', text: 'with data: places at which the future is replaced; default 5' }],
  run: runCheck,
};

export const strategy: readonly CommandSpec[] = [list, strategyNew, check];

async function runCheck(context: Context, flags: Flags): Promise<CommandOutcome> {
  const cuts = flags.text('cuts');
  const [file, named] = [flags.text('file'), flags.text('strategy')];
  if (file !== undefined && named !== undefined)
    throw usage('A strategy must be named once, was named twice.', 'Leave --strategy or the word before it away.');
  const idle = namesMarket(flags) ? undefined : givenOf([...MARKET_FLAGS, 'seed', 'cuts'], flags);
  if (idle !== undefined)
    throw usage(
      `${idle} must come with --data or --catalog, came without: nothing is run.`,
      `Name a recorded market with --data or --catalog, or leave ${idle} away.`,
    );
  const strategy = file ?? named;
  const { checkStrategy } = await import('../../runs/check-strategy.js');
  const { definition, lookback, warmUp, lookAhead } = await checkStrategy(context.host, {
    ...(strategy === undefined ? {} : { strategy }),
    config: runConfigWithParameters(context, flags),
    ...(namesMarket(flags) ? { market: marketRequestOf(flags) } : {}),
    ...(cuts === undefined ? {} : { cuts: countFlag('--cuts', cuts, 1) }),
  });
  const { lookAheadText } = await import('../../backtest/look-ahead/check-look-ahead.js');
  const said = lookAhead === undefined ? 'Look-ahead not checked: give --data or --catalog.' : lookAheadText(lookAhead);
  return {
    kind: 'strategy.check',
    data: {
      name: definition.name,
      parameters: [...definition.parameters],
      lookback,
      warmUp: warmUp?.map(({ ms, bars }) => ({ timeframe: timeframeText(ms), bars })) ?? null,
      lookAhead: lookAhead === undefined ? null : jsonOf(lookAhead),
    },
    text: [`${definition.name}: form and parameters are good. ${warmUpText(lookback, warmUp)}`, said].join('\n'),
    ...(lookAhead?.finding === undefined ? {} : { exit: EXIT.strategyInvalid }),
    ...(lookAhead?.asked === 0 && lookAhead.finding === undefined ? { exit: EXIT.checkFailed } : {}),
  };
}

/** A strategy with bars of its own counts in them, whatever the values are that it is shown. */
function warmUpText(lookback: number, warmUp: CheckedStrategy['warmUp']): string {
  if (warmUp !== undefined && warmUp.length > 0) {
    const each = warmUp.map(({ ms, bars }) => `${bars} ${bars === 1 ? 'bar' : 'bars'}${ofText(ms)}`);
    return `Warm-up ${each.join(' and ')}, from the first whole one: until then it is not asked.`;
  }
  return lookback === 0
    ? 'It looks back on nothing: no warm-up.'
    : `Warm-up ${lookback} values, one an update interval: with fewer behind it, it has not yet what it looks back on.`;
}

const timeframeText = (ms: number | undefined): string | null => (ms === undefined ? null : barIntervalText(ms));
const ofText = (ms: number | undefined): string =>
  ms === undefined ? ', one an update interval' : ` of ${barIntervalText(ms)}`;

function jsonOf({ passed, cuts, compared, asked, finding }: LookAheadReport): Json {
  const iso = (at: number): string => new Date(at).toISOString();
  const shown = (decision: NonNullable<LookAheadReport['finding']>['was']): Json =>
    decision === undefined
      ? null
      : { at: iso(decision.at), symbol: decision.symbol, action: decision.action, reason: decision.reason };
  return {
    passed,
    cuts,
    compared,
    asked,
    finding:
      finding === undefined
        ? null
        : { cutAt: iso(finding.cutAt), was: shown(finding.was), became: shown(finding.became) },
  };
}

const rangeOf = ({ ranges }: StrategyDefinition, name: string): ParameterRange | undefined => ranges?.[name];

function parameterText(definition: StrategyDefinition, name: string): string {
  const range = rangeOf(definition, name);
  if (range === undefined) return name;
  if (range.options !== undefined) return `${name} (${range.options.join(' | ')})`;
  if (range.min === undefined && range.max === undefined) return `${name} (${range.kind})`;
  return `${name} (${range.kind} ${range.min ?? ''}..${range.max ?? ''})`;
}
