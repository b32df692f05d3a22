import { createBot, type PerpsBot } from 'perpsbot';

/** A plain program: trades a made-up market until the first fill, then leaves. */
export async function tradeOnce(tell: (line: string) => void): Promise<PerpsBot> {
  // #region plain
  const bot = createBot({
    config: {
      profile: 'demo',
      symbols: ['BTC-PERP'],
      simulation: { seed: 1, speed: 'max' },
      storage: { driver: 'memory' },
      logging: { level: 'warn' },
    },
  });
  const traded = new Promise<void>((resolve) => {
    bot.portfolio.onFill(({ side, instrument, lots, price }) => {
      tell(`${side} ${instrument.size(lots).toString()} ${instrument.symbol} at ${instrument.price(price).toString()}`);
      resolve();
    });
  });

  await bot.start(); // every part is up; trading goes on in the background
  await Promise.race([traded, bot.finished]); // `finished` rejects when the run dies
  tell(`${bot.events.query({ types: ['order'] }).length} order records`);
  await bot.stop();
  tell(`equity ${bot.portfolio.unit.of(bot.portfolio.equity).toFixed(2)} USDT`);
  // #endregion
  return bot;
}
