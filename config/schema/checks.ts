import type { Decimal } from '../../src/domain/decimal.js';
import { LARGEST_AMOUNT } from '../../src/domain/instrument.js';
import { configuredAmounts } from '../../src/ports/runtime-state/account-money.js';
import type { BotConfig } from '../../src/ports/configuration/settings/bot-config.js';
import type { Checker } from './check.js';
import { checkRequiredLimits, NEVER_LIVE } from './limits.js';
import { checkMargin } from './margin-checks.js';
import { checkInstruments, checkSymbols } from './symbols.js';

/** A change of the account that no stream tells is known by then. */
const LONGEST_BLIND_MS = 60_000;
/** How often a countdown is renewed within its time. */
const RENEWALS = 3;

/** Everything that no single value can tell: values that contradict each other, unknown symbols, missing limits. */
export function checkConfig(config: BotConfig, checker: Checker): void {
  checkWorld(config, checker);
  checkStrategy(config, checker);
  checkRisk(config, checker);
  checkOperation(config, checker);
  checkInstruments(config, checker);
  checkSymbols(config, checker);
  checkMargin(config, checker);
  checkExactness(config, checker);
  checkRequiredLimits(config, checker);
}

function checkWorld(config: BotConfig, checker: Checker): void {
  const { profile, world } = config;
  checker.require(
    world !== 'live' || !NEVER_LIVE.includes(profile),
    'CFG-006',
    ['world', 'profile'],
    `Profile ${profile} must not trade live.`,
    'Choose profile canary or prod, or world paper.',
  );
  if (config.derivatives) return;
  checker.require(
    !config.strategy.enableShorts,
    'CFG-006',
    ['strategy.enableShorts', 'derivatives'],
    'strategy.enableShorts must be false while derivatives is false.',
    'Set derivatives: true, or strategy.enableShorts: false.',
  );
  checker.require(
    config.strategy.targetLeverage <= 1,
    'CFG-006',
    ['strategy.targetLeverage', 'derivatives'],
    `strategy.targetLeverage must be 1 while derivatives is false, was ${String(config.strategy.targetLeverage)}.`,
    'Set derivatives: true, or strategy.targetLeverage: 1.',
  );
}

function checkStrategy({ strategy, risk }: BotConfig, checker: Checker): void {
  ordered(checker, 'strategy.shortMa', strategy.shortMa, 'strategy.longMa', strategy.longMa, 'below');
  for (const [symbol, rules] of Object.entries(strategy.perSymbol)) {
    const at = `strategy.perSymbol.${symbol}`;
    ordered(
      checker,
      `${at}.shortMa`,
      rules.shortMa ?? strategy.shortMa,
      `${at}.longMa`,
      rules.longMa ?? strategy.longMa,
      'below',
    );
    const { momentumFilter, volatilityFilter } = rules;
    if (momentumFilter !== undefined)
      ordered(
        checker,
        `${at}.momentumFilter.oversold`,
        momentumFilter.oversold,
        `${at}.momentumFilter.overbought`,
        momentumFilter.overbought,
        'below',
      );
    if (volatilityFilter !== undefined)
      ordered(
        checker,
        `${at}.volatilityFilter.min`,
        volatilityFilter.min,
        `${at}.volatilityFilter.max`,
        volatilityFilter.max,
        'at most',
      );
  }
  ordered(checker, 'strategy.targetLeverage', strategy.targetLeverage, 'risk.maxLeverage', risk.maxLeverage, 'at most');
  ordered(
    checker,
    'strategy.filters.rsiOversold',
    strategy.filters.rsiOversold,
    'strategy.filters.rsiOverbought',
    strategy.filters.rsiOverbought,
    'below',
  );
}

function checkRisk({ risk }: BotConfig, checker: Checker): void {
  const { volatility } = risk;
  ordered(
    checker,
    'risk.volatility.warning',
    volatility.warning,
    'risk.volatility.reduceOnly',
    volatility.reduceOnly,
    'at most',
  );
  ordered(
    checker,
    'risk.volatility.reduceOnly',
    volatility.reduceOnly,
    'risk.volatility.kill',
    volatility.kill,
    'at most',
  );
  checker.require(
    (risk.fundingWindowMs === undefined) === (risk.maxFundingCostBps === undefined),
    'CFG-006',
    ['risk.fundingWindow', 'risk.maxFundingCost'],
    'risk.fundingWindow and risk.maxFundingCost must be given together.',
    `Add risk.${risk.fundingWindowMs === undefined ? 'fundingWindow' : 'maxFundingCost'}, or remove the other.`,
  );
  const daytime = risk.daytime as { readonly startMinute?: number; readonly endMinute?: number } | undefined;
  if (daytime !== undefined) bothOrNeither(checker, 'risk.daytime', daytime.startMinute, daytime.endMinute);
  if (daytime?.startMinute !== undefined) {
    checker.require(
      daytime.startMinute !== daytime.endMinute,
      'CFG-006',
      ['risk.daytime.start', 'risk.daytime.end'],
      'risk.daytime.start and risk.daytime.end must differ.',
      'Leave both out for one table all day.',
    );
  }
}

function checkOperation(config: BotConfig, checker: Checker): void {
  const { execution, session, storage, streaming } = config;
  bothOrNeither(checker, 'session', session.startMinute, session.endMinute);
  ordered(
    checker,
    'streaming.reconnectMin',
    streaming.reconnectMinMs,
    'streaming.reconnectMax',
    streaming.reconnectMaxMs,
    'at most',
  );
  ordered(
    checker,
    'execution.requestExpiry',
    execution.requestExpiryMs,
    'execution.requestTimeout',
    execution.requestTimeoutMs,
    'at most',
  );
  checker.require(
    execution.requestTimeoutMs * RENEWALS <= execution.deadManMs,
    'CFG-006',
    ['execution.deadMan', 'execution.requestTimeout'],
    `execution.deadMan must be at least ${RENEWALS} times execution.requestTimeout, was ${execution.deadManMs} ms: it is renewed at a third of its time, and the answer may be lost.`,
    'Raise execution.deadMan, or lower execution.requestTimeout.',
  );
  checker.require(
    config.world !== 'live' || config.tasks.orderReconcileMs <= LONGEST_BLIND_MS,
    'CFG-006',
    ['tasks.orderReconcile', 'world'],
    `tasks.orderReconcile must be at most 60s in the live world, was ${String(config.tasks.orderReconcileMs)} ms.`,
    'Lower it: leverage, margin and position mode of the account are read back with the orders.',
  );
  checker.require(
    !execution.previewFailClosed || execution.previewOrders,
    'CFG-006',
    ['execution.previewFailClosed', 'execution.previewOrders'],
    'execution.previewFailClosed must not be true while execution.previewOrders is false.',
    'Set execution.previewOrders: true.',
  );
  checker.require(
    !execution.postOnly || execution.timeInForce === 'GTC',
    'CFG-006',
    ['execution.postOnly', 'execution.timeInForce'],
    `execution.postOnly must be false with timeInForce ${execution.timeInForce}: such an order can only take.`,
    'Set timeInForce: GTC, or postOnly: false.',
  );
  checker.require(
    storage.driver === 'memory' || storage.directory !== undefined,
    'CFG-006',
    ['storage.directory'],
    'storage.directory must be given with driver sqlite.',
    'Name a directory.',
  );
}

/** Whatever the account's unit will be, no amount beyond the largest can be held exactly. */
function checkExactness(config: BotConfig, checker: Checker): void {
  for (const { path, amount } of configuredAmounts(config)) {
    // One that is missing has been refused already.
    if ((amount as Decimal | undefined) === undefined) continue;
    checker.require(
      amount.lte(LARGEST_AMOUNT),
      'NUM-002',
      [path],
      `${path} must be at most ${LARGEST_AMOUNT}, the most that money can be counted to, was ${amount.toString()}.`,
      `Lower ${path}.`,
    );
  }
}

function ordered(
  checker: Checker,
  lowPath: string,
  low: Decimal | number | undefined,
  highPath: string,
  high: Decimal | number | undefined,
  relation: 'below' | 'at most',
): void {
  // A part of a rule may have been refused, and is then absent here.
  if (low === undefined || high === undefined) return;
  const below = Number(low) < Number(high);
  const holds = below || (relation === 'at most' && Number(low) === Number(high));
  const shown = (path: string, value: Decimal | number): string =>
    checker.entries.get(path)?.written ?? value.toString();
  checker.require(
    holds,
    'CFG-006',
    [lowPath, highPath],
    `${lowPath} must be ${relation} ${highPath} (${shown(highPath, high)}), was ${shown(lowPath, low)}.`,
    `Lower ${lowPath} or raise ${highPath}.`,
  );
}

function bothOrNeither(checker: Checker, path: string, start: number | undefined, end: number | undefined): void {
  checker.require(
    (start === undefined) === (end === undefined),
    'CFG-006',
    [`${path}.start`, `${path}.end`],
    `${path}.start and ${path}.end must be given together.`,
    `Add ${path}.${start === undefined ? 'start' : 'end'}, or remove the other.`,
  );
}
