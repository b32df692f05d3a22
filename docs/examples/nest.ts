import { Inject, Injectable, Module, type DynamicModule, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { createBot, moneyOf, PerpsBot, Portfolio, type CreateBotOptions, type RunOptions } from 'perpsbot';

export interface BotModuleOptions extends CreateBotOptions {
  readonly run?: RunOptions;
}

// #region module
const RUN = Symbol('RunOptions');

/** Nest says when: up before the application listens, down before it exits. */
@Injectable()
class BotRunner implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    @Inject(PerpsBot) private readonly bot: PerpsBot,
    @Inject(RUN) private readonly run: RunOptions,
  ) {}

  onApplicationBootstrap(): Promise<void> {
    return this.bot.start(this.run);
  }

  async onApplicationShutdown(signal?: string): Promise<void> {
    await this.bot.stop(signal ?? 'shutdown');
  }
}

@Module({})
export class BotModule {
  static forRoot({ run = {}, ...options }: BotModuleOptions): DynamicModule {
    return {
      module: BotModule,
      providers: [
        { provide: PerpsBot, useFactory: () => createBot(options) },
        { provide: Portfolio, useFactory: (bot: PerpsBot) => bot.portfolio, inject: [PerpsBot] },
        { provide: RUN, useValue: run },
        BotRunner,
      ],
      exports: [PerpsBot, Portfolio],
    };
  }
}
// #endregion

// #region service
/** A service of the host that is injected with the bot's portfolio. */
@Injectable()
export class EquityReport {
  constructor(@Inject(Portfolio) private readonly portfolio: Portfolio) {}

  text(): string {
    return `${moneyOf(this.portfolio.equity).toFixed(2)} USDT`;
  }
}

@Module({
  imports: [
    BotModule.forRoot({
      config: { profile: 'demo', simulation: { seed: 1, speed: 'max' }, storage: { driver: 'memory' } },
      run: { cycles: 30 },
    }),
  ],
  providers: [EquityReport],
})
export class AppModule {}
// #endregion
