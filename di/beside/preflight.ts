import { setTimeout } from 'node:timers/promises';
import { fault } from '../../src/domain/errors.js';
import { proveLimits, type LimitProofs } from '../../src/operator/preflight/limit-proofs.js';
import { PreflightChecks, type PreflightReport } from '../../src/operator/preflight/preflight.js';
import { NodeFiles } from '../../src/platform/node-files.js';
import { hostTime } from '../../src/platform/time/host-time.js';
import { Clock } from '../../src/ports/configuration/clock.js';
import type { BotConfig } from '../../src/ports/configuration/settings/bot-config.js';
import { VenueCredentials } from '../../src/ports/configuration/venue-credentials.js';
import { VenueTime } from '../../src/ports/configuration/venue-time.js';
import { ExecutionEngine } from '../../src/ports/core-services/execution.js';
import { ProductCatalogue } from '../../src/ports/core-services/product-catalogue.js';
import { RiskManager } from '../../src/ports/core-services/risk-manager.js';
import { MarketData } from '../../src/ports/market-data/market-data.js';
import { Portfolio } from '../../src/ports/runtime-state/portfolio.js';
import { WindowStore } from '../../src/ports/runtime-state/window-store.js';
import { OrdersStore } from '../../src/ports/storage/orders-store.js';
import { SafetyLadder } from '../../src/ports/storage/safety-ladder.js';
import { AccountAccess } from '../../src/ports/venue/account-access.js';
import { Brokerage } from '../../src/ports/venue/brokerage.js';
import { MarketFeed } from '../../src/ports/venue/market-feed.js';
import { PREFLIGHT_FILE, preflightText, subjectOf } from '../../src/venues/binance-usdm/production-gate.js';
import { mayLook } from '../../src/venues/binance-usdm/rest/narrow-ways.js';
import { UsdmBrokerage } from '../../src/venues/binance-usdm/usdm-brokerage.js';
import type { BotContainer } from '../container.js';
import { compareIn, openBeside, restoreIn, type AccountBeside } from './account-beside.js';

/** A bot does not start with a clock that is further off. */
const CLOCK_MS = 1_000;

/**
 * Looks at everything that a live start takes for granted, and puts one order for each limit to our own gate; nothing
 * but questions can leave. What comes of it is kept in the state directory: production is not traded on without it.
 */
export async function preflightBeside(
  config: BotConfig,
  directory: string,
  overrides?: (container: BotContainer) => void,
): Promise<PreflightReport> {
  const { venue, environment } = { venue: config.venue.name ?? 'none', environment: config.venue.environment };
  const checks = new PreflightChecks();
  let { tried, untried }: LimitProofs = { tried: [], untried: [] };
  let heldBack: readonly string[] = [];
  let beside: AccountBeside | undefined;
  await checks.look('connection', async () => {
    // What holds the whole bot back would refuse every order before its limit does.
    const risk = { ...config.risk, reduceOnly: false, killSwitch: false };
    const options = overrides === undefined ? {} : { overrides };
    beside = await openBeside({ ...config, risk }, directory, mayLook, options);
    checks.ok('connection', `key taken by ${venue}, ${environment}`);
  });
  if (beside !== undefined) {
    const open: AccountBeside = beside;
    try {
      await lookAtAccount(open.container, config, checks);
      await checks.look('limits', async () => {
        ({ tried, untried } = await limitsOf(open.container, config));
        const passed = tried.filter(({ refused }) => !refused).map(({ limit }) => limit);
        if (passed.length === 0) checks.ok('limits', `${tried.length} orders refused by our own gate`);
        else checks.fail('limits', `not refused by its own check: ${passed.join(', ')}`, 'Report this as a defect.');
      });
      // What was let through would be on its way by now.
      await setTimeout(50);
      heldBack = [...open.http.held];
      if (heldBack.length === 0) checks.ok('wire', 'no request that orders anything was made');
      else checks.fail('wire', `held back: ${heldBack.join(', ')}`, 'Report this as a defect.');
    } finally {
      await open.close();
    }
  }
  const passed = checks.done.every(({ state }) => state !== 'fail');
  const broker = beside?.container.get(Brokerage);
  if (beside !== undefined && broker instanceof UsdmBrokerage) {
    const { apiKey } = await beside.container.get(VenueCredentials).read(broker.hosts.environment);
    keep(directory, preflightText(subjectOf(config, broker.hosts, apiKey.reveal()), hostTime.wall(), passed));
  }
  return { passed, venue, environment, checks: checks.done, limits: tried, untried, heldBack };
}

function keep(directory: string, text: string): void {
  const files = new NodeFiles();
  files.ensureDirectory(directory);
  files.writeAtomic(files.join(directory, PREFLIGHT_FILE), text);
}

async function lookAtAccount(container: BotContainer, config: BotConfig, checks: PreflightChecks): Promise<void> {
  const account = container.get(AccountAccess);
  const { symbols, account: declared } = config;
  await checks.look('clock', () => {
    const { offsetMs = 0, boundMs } = container.get(VenueTime);
    const text = `${offsetMs} ms off the venue's, known to ${boundMs} ms`;
    if (Math.abs(offsetMs) <= CLOCK_MS) checks.ok('clock', text);
    else checks.fail('clock', text, 'Set the clock, and keep it set by NTP.');
  });
  await checks.look('filters', () => {
    const catalogue = container.get(ProductCatalogue);
    for (const symbol of symbols) {
      if (!catalogue.getProduct(symbol).confirmed)
        throw fault('CFG-007', `${symbol} must be listed and traded by the venue, and is not.`);
      catalogue.instrument(symbol).assertExactUpTo(config.risk.maxPositionSize);
    }
    checks.ok('filters', `${symbols.join(', ')} as the venue lists them`);
  });
  await checks.look('permissions', async () => {
    const { permissions } = await account.describeAccount(symbols);
    if (permissions?.trade !== true) checks.fail('permissions', 'the key may not trade', 'Allow it to trade futures.');
    else if (permissions.withdraw === true)
      checks.fail('permissions', 'the key may withdraw', 'Take that from it: a bot needs none, and a thief would.');
    else if (permissions.withdraw === false) checks.ok('permissions', 'it may trade, and cannot withdraw');
    else if (declared.permissionsUnchecked === true)
      checks.unknown('permissions', 'it may trade; withdrawing cannot be checked here, its owner has seen to it');
    else
      checks.fail(
        'permissions',
        'it may trade; whether it may withdraw cannot be checked here',
        'See to it on the venue itself, then set account.permissionsUnchecked: true.',
      );
  });
  await checks.look('account', async () => {
    restoreIn(container);
    const { differences, foreign } = await compareIn(container);
    const told = differences.map(({ what, of, believed, held }) => `${what} ${of}: ${believed ?? '-'}, ${held ?? '-'}`);
    if (told.length > 0) checks.fail('account', told.join('; '), 'perpsbot reconcile says more.');
    else checks.ok('account', `as declared and journaled; ${foreign.length} foreign orders and positions`);
  });
  await checks.look('stream', async () => {
    const abort = new AbortController();
    const stream = await account.openAccount(() => undefined, abort.signal);
    stream.close();
    abort.abort();
    checks.ok('stream', 'the stream of the account opened');
  });
}

async function limitsOf(container: BotContainer, config: BotConfig): Promise<LimitProofs> {
  const [symbol = ''] = config.symbols;
  const { bid, ask } = await container.get(MarketFeed).getQuote(symbol);
  const price = bid !== undefined && ask !== undefined ? bid.plus(ask).div(2) : (bid ?? ask);
  if (price === undefined) throw fault('DATA-008', `${symbol} must have a price to measure limits at, and has none.`);
  const clock = container.get(Clock);
  const instrument = container.get(ProductCatalogue).instrument(symbol);
  container.get(WindowStore).ensure(instrument, 1);
  return proveLimits({
    engine: container.get(ExecutionEngine),
    risk: container.get(RiskManager),
    orders: container.get(OrdersStore),
    portfolio: container.get(Portfolio),
    market: container.get(MarketData),
    ladder: container.get(SafetyLadder),
    settings: config.risk,
    instrument,
    price,
    now: () => clock.now(),
  });
}
