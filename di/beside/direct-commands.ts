import { isOurs } from '../../src/domain/client-order-id.js';
import { haltDirectly, type DirectHaltReport, type DirectPorts } from '../../src/operator/direct/direct-halt.js';
import {
  flattenDirectly,
  planDirectly,
  type DirectFlattenPorts,
  type DirectFlattenReport,
  type DirectFlattenRequest,
} from '../../src/operator/direct/direct-flatten.js';
import { hostTime } from '../../src/platform/time/host-time.js';
import { Clock } from '../../src/ports/configuration/clock.js';
import { HostScheduler } from '../../src/ports/configuration/scheduler.js';
import type { BotConfig } from '../../src/ports/configuration/settings/bot-config.js';
import { OrderLog } from '../../src/ports/core-services/execution.js';
import type { FlattenPlan } from '../../src/ports/core-services/operator-control.js';
import { ProductCatalogue } from '../../src/ports/core-services/product-catalogue.js';
import { Portfolio } from '../../src/ports/runtime-state/portfolio.js';
import { AccountAccess } from '../../src/ports/venue/account-access.js';
import { OrderEntry } from '../../src/ports/venue/order-entry.js';
import { VenueSession } from '../../src/ports/venue/venue-session.js';
import { mayLook, mayReduce, mayWithdraw } from '../../src/venues/binance-usdm/rest/narrow-ways.js';
import type { BotContainer } from '../container.js';
import { openBeside, restoreIn } from './account-beside.js';

/** Withdraws the orders of a bot that may be wedged; nothing but questions and cancellations can leave. */
export async function haltBeside(
  config: BotConfig,
  directory: string,
  withinMs: number,
  tell: (report: DirectHaltReport) => void,
): Promise<DirectHaltReport> {
  const beside = await openBeside(config, directory, mayWithdraw, { isJournalNeeded: false, withinMs });
  try {
    return await haltDirectly(portsOf(beside.container, config), withinMs, tell);
  } finally {
    await beside.close();
  }
}

/** Shows the plan, or carries it out; orders that could increase anything cannot leave. */
export async function flattenBeside(
  config: BotConfig,
  directory: string,
  { plan, maxSlippageBps, deadlineMs, leave }: DirectFlattenRequest,
): Promise<FlattenPlan | DirectFlattenReport> {
  const options = { isJournalNeeded: false, withinMs: deadlineMs };
  const beside = await openBeside(config, directory, plan === undefined ? mayLook : mayReduce, options);
  const { container } = beside;
  try {
    const collar = config.risk.priceCollarBps.toNumber();
    const ports = {
      ...portsOf(container, config),
      botId: config.botId,
      accountId: await container.get(VenueSession).getAccountId(),
      instrument: (symbol: string) => container.get(ProductCatalogue).find(symbol),
      slippageBps: Math.min(maxSlippageBps ?? DEFAULT_SLIPPAGE_BPS, collar),
      world: container.get(Clock),
      leave,
    };
    return await (plan === undefined ? planDirectly(ports) : flattenDirectly(ports, plan, deadlineMs));
  } finally {
    await beside.close();
  }
}

const DEFAULT_SLIPPAGE_BPS = 100;

function portsOf(
  container: BotContainer,
  config: BotConfig,
): DirectPorts & Pick<DirectFlattenPorts, 'account' | 'entry'> {
  const log = container.get(OrderLog);
  // Adopted orders have names of others; a journal that cannot be read is no reason to let the bot's own stand.
  try {
    restoreIn(container);
  } catch (error) {
    process.emitWarning(`The journal could not be read: ${String(error)}`);
  }
  const held = [...container.get(Portfolio).positions()].filter((position) => !position.isFlat);
  const journaled = [
    ...log.open().map(({ request }) => request.symbol),
    ...held.map(({ instrument }) => instrument.symbol),
  ];
  return {
    account: container.get(AccountAccess),
    entry: container.get(OrderEntry),
    symbols: [...new Set([...config.symbols, ...journaled])],
    isOwn: (clientId) => isOurs(clientId, config.botId) || log.find(clientId) !== undefined,
    scheduler: container.get(HostScheduler),
    clock: hostTime,
  };
}
