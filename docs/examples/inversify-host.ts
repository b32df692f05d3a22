import { Container, type ServiceIdentifier } from 'inversify';
import { createBot, Logger, token, type PerpsBot, type Portfolio } from 'perpsbot';

/** The host's own names: what it lends to the bot, and the one thing it takes from it. */
export const HostLog = token<Logger>('HostLog');
export const BotPortfolio: ServiceIdentifier<Portfolio> = Symbol('BotPortfolio');

/** An application with a container of its own gives the bot a child of it. */
export function boot(log: Logger): { readonly host: Container; readonly bot: PerpsBot } {
  // #region host
  const host = new Container();
  host.bind(HostLog).toConstantValue(log);

  const bot = createBot({
    parent: host,
    config: {
      profile: 'demo',
      simulation: { seed: 1, speed: 'max' },
      storage: { driver: 'memory' },
      logging: { level: 'warn' },
    },
    overrides: (container) => container.rebind(Logger).toService(HostLog),
  });

  host.bind(BotPortfolio).toDynamicValue(() => bot.portfolio);
  // #endregion
  return { host, bot };
}
