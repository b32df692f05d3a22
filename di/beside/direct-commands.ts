import { isOurs } from '../../src/domain/client-order-id.js';
import { haltDirectly, type DirectHaltReport } from '../../src/operator/direct/direct-halt.js';
import { hostTime } from '../../src/platform/time/host-time.js';
import { HostScheduler } from '../../src/ports/configuration/scheduler.js';
import type { BotConfig } from '../../src/ports/configuration/settings/bot-config.js';
import { OrderLog } from '../../src/ports/core-services/execution.js';
import { AccountAccess } from '../../src/ports/venue/account-access.js';
import { OrderEntry } from '../../src/ports/venue/order-entry.js';
import { mayWithdraw } from '../../src/venues/binance-usdm/rest/narrow-ways.js';
import { openBeside, restoreIn } from './account-beside.js';

/** Withdraws the orders of a bot that may be wedged; nothing but questions and cancellations can leave. */
export async function haltBeside(
  config: BotConfig,
  directory: string,
  withinMs: number,
  tell: (report: DirectHaltReport) => void,
): Promise<DirectHaltReport> {
  const beside = await openBeside(config, directory, mayWithdraw, { isJournalNeeded: false, withinMs });
  const { container } = beside;
  try {
    const log = container.get(OrderLog);
    // Adopted orders have names of others; a journal that cannot be read is no reason to let the bot's own stand.
    try {
      restoreIn(container);
    } catch (error) {
      process.emitWarning(`The journal could not be read: ${String(error)}`);
    }
    const symbols = new Set([...config.symbols, ...log.open().map(({ request }) => request.symbol)]);
    return await haltDirectly(
      {
        account: container.get(AccountAccess),
        entry: container.get(OrderEntry),
        symbols: [...symbols],
        isOwn: (clientId) => isOurs(clientId, config.botId) || log.find(clientId) !== undefined,
        scheduler: container.get(HostScheduler),
        clock: hostTime,
      },
      withinMs,
      tell,
    );
  } finally {
    await beside.close();
  }
}
