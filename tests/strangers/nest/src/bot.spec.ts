import { Inject, Injectable, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { createBot, PerpsBot, type CreateBotOptions } from 'perpsbot';
// #region imports
import { Brokerage, defineStrategy, Portfolio } from 'perpsbot';
import { FakeBroker, swap, testBot, type TestBot } from 'perpsbot/testing';
// #endregion

const dip = defineStrategy({
  name: 'dip',
  setup: () => ({}),
  onBar({ bar, position, long }) {
    if (position.isFlat && bar.close < 100) long({ fraction: '10%', stop: 'none', why: 'a dip' });
  },
});

let made: TestBot | undefined;
afterEach(() => made?.stop());

it('buys the dip at a venue of the test', async () => {
  const venue = new FakeBroker();
  made = testBot({ strategies: [dip], broker: venue });
  await made.open();
  venue.next('placeOrder', { fill: { price: 99 } });
  await made.play('BTC-PERP', [105, 101, 98]);

  expect(venue.lastPlaced.side).toBe('buy');
  expect(made.get(Portfolio).position(venue.lastPlaced.instrument).size.toString()).toBe('10.204');
});

it('takes a broker that is rebound', async () => {
  const broker = new FakeBroker();
  made = await testBot({ overrides: (container) => swap(container, Brokerage, broker) }).open();
  await made.cycle();

  expect(broker.called()).toContain('getQuote');
  expect(made.broker.called()).toEqual([]);
});

// #region provider
it('is a provider of a module, with the broker of a test', async () => {
  const kit = testBot();
  const module = await Test.createTestingModule({
    providers: [{ provide: PerpsBot, useValue: kit.bot }],
  }).compile();
  await kit.open();
  await kit.cycle();

  expect(kit.broker.called()).toContain('getQuote');
  expect(module.get(PerpsBot)).toBe(kit.bot);
  expect(kit.bot).toBeInstanceOf(PerpsBot);
  await kit.stop();
});
// #endregion

@Injectable()
class BotRunner implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(@Inject(PerpsBot) private readonly bot: PerpsBot) {}

  onApplicationBootstrap(): Promise<void> {
    return this.bot.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.bot.stop();
  }
}

@Module({ providers: [BotRunner, { provide: PerpsBot, useFactory: () => createBot({ config: { profile: 'demo' } }) }] })
class AppModule {}

// #region application
it('runs in the application, with the broker of a test', async () => {
  const kit = testBot({ strategies: [dip] });
  const module = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(PerpsBot)
    .useValue(kit.bot)
    .compile();
  const app = await module.createNestApplication().init(); // the module's own runner starts the bot
  await kit.play('BTC-PERP', [105, 98]);

  expect(kit.broker.lastPlaced.side).toBe('buy');
  await app.close();
  expect(kit.bot.isRunning).toBe(false);
});
// #endregion

it("refuses a container of the host's, whose inversify is another", () => {
  const host = { get: () => undefined, isBound: () => false };
  expect(() => createBot({ parent: host as unknown as CreateBotOptions['parent'] })).toThrow(
    expect.objectContaining({ code: 'DI-014', fix: expect.stringContaining('overrides') as string }),
  );
});
