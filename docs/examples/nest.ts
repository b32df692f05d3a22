import {
  Inject,
  Injectable,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { createBot, PerpsBot, Portfolio, type CreateBotOptions } from 'perpsbot';

// #region module
/** Nest says when: the bot is up before the application counts as started, and down before it has closed. */
@Injectable()
class BotRunner implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(@Inject(PerpsBot) private readonly bot: PerpsBot) {}

  onApplicationBootstrap(): Promise<void> {
    return this.bot.start();
  }

  async onApplicationShutdown(signal?: string): Promise<void> {
    await this.bot.stop(signal ?? 'shutdown');
  }
}

@Module({})
export class BotModule {
  static forRoot(options: CreateBotOptions): DynamicModule {
    return {
      module: BotModule,
      providers: [
        BotRunner,
        { provide: PerpsBot, useFactory: () => createBot(options) },
        { provide: Portfolio, useFactory: (bot: PerpsBot) => bot.portfolio, inject: [PerpsBot] },
      ],
      exports: [PerpsBot, Portfolio],
    };
  }
}
// #endregion

// #region service
/** A service of the host, injected with the bot's portfolio. */
@Injectable()
export class EquityReport {
  constructor(@Inject(Portfolio) private readonly portfolio: Portfolio) {}

  text(): string {
    return `${this.portfolio.unit.of(this.portfolio.equity).toFixed(2)} USDT`;
  }
}

@Module({
  imports: [
    BotModule.forRoot({
      config: {
        profile: 'demo',
        simulation: { seed: 1, speed: 'max' },
        storage: { driver: 'memory' },
        logging: { level: 'warn' },
      },
    }),
  ],
  providers: [EquityReport],
})
export class AppModule {}
// #endregion
