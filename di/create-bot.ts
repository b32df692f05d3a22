import 'reflect-metadata';
import type { Container } from 'inversify';
import { FixedConfigController, resolveConfig } from '../config/index.js';
import type { BarSource } from '../src/ports/core-services/bar-source.js';
import { ConfigController } from '../src/ports/configuration/settings/config-controller.js';
import type { BotConfig } from '../src/ports/configuration/settings/bot-config.js';
import type { PublicMarket } from '../src/ports/venue/public-market.js';
import { StrategyDefinition } from '../src/ports/core-services/strategy.js';
import { refusalOfNode } from '../src/platform/supported-node.js';
import { fault } from '../src/domain/errors.js';
import { PerpsBot } from './bot.js';
import { compose, type Composition } from './compose.js';
import type { BotContainer } from './container.js';
import { configurationPhase } from './modules/01-configuration.js';
import { runtimeStatePhase } from './modules/02-runtime-state.js';
import { storagePhase } from './modules/03-storage.js';
import { coreServicesPhase } from './modules/04-core-services.js';
import { marketDataPhase } from './modules/05-market-data.js';
import { accountingPhase } from './modules/06-accounting.js';
import { marketServicesPhase } from './modules/07-market-services.js';
import { streamingPhase } from './modules/08-streaming.js';
import type { Phase, WorldBindings } from './phase.js';
import { worldBindings } from './worlds/index.js';

export interface CreateBotOptions {
  /** Partial, in the grammar of the configuration files, or resolved already. */
  readonly config?: object;
  /** A controller of the host's own, in place of `config`: its `current` names the world. */
  readonly controller?: ConfigController;
  /** Replayed by the paper world instead of a generated market. */
  readonly recording?: BarSource;
  /** A venue's public market, which the paper world then trades on: what is seen is real, the money is not. */
  readonly market?: PublicMarket;
  /** Strategies beside the built-in ones; `strategy.name` in the configuration chooses. */
  readonly strategies?: readonly StrategyDefinition[];
  /** Rebinds before anything is built: `(container) => container.rebind(Brokerage).to(MyVenue).inSingletonScope()`. */
  readonly overrides?: (container: BotContainer) => void;
  /** Phases for those who watch, loaded after the eight. */
  readonly extensions?: readonly Phase[];
  /** The host's container: the bot sees its services, it sees nothing of the bot. */
  readonly parent?: Container;
}

/** The eight phases in the builder's order. */
export function phasesFor(config: BotConfig): Phase[] {
  const { dynamicPositionSizing, marketImpactGuard } = config.risk;
  return [
    configurationPhase,
    runtimeStatePhase,
    storagePhase,
    coreServicesPhase(dynamicPositionSizing || marketImpactGuard ? 'advanced' : 'live'),
    marketDataPhase,
    accountingPhase,
    marketServicesPhase,
    streamingPhase,
  ];
}

/**
 * Wires a bot's container. No I/O. Throws CFG-* for a configuration that cannot hold, DI-* for wiring that cannot,
 * PKG-002 for a Node that is too old.
 */
export function composeBot(options: CreateBotOptions = {}): Composition {
  const refusal = refusalOfNode(process.version);
  if (refusal !== undefined) throw refusal;
  const controller =
    options.controller ?? new FixedConfigController(resolveConfig(options.config ?? { profile: 'demo' }));
  const config = controller.current;
  assertLoaded(config, options.strategies ?? []);
  const world = worldBindings(config, options);
  const bindings: WorldBindings = {
    ...world,
    configuration: (binder) => {
      binder.bind(ConfigController).toConstantValue(controller);
      world.configuration?.(binder);
    },
  };
  return compose({
    world: config.world,
    phases: phasesFor(config),
    bindings,
    overrides: (container) => {
      for (const strategy of options.strategies ?? []) container.bind(StrategyDefinition).toConstantValue(strategy);
      options.overrides?.(container);
    },
    ...(options.extensions === undefined ? {} : { extensions: options.extensions }),
    ...(options.parent === undefined ? {} : { parent: options.parent }),
  });
}

/** A file that nobody has loaded: another strategy would trade in its place. */
function assertLoaded({ strategy: { file, name } }: BotConfig, strategies: readonly StrategyDefinition[]): void {
  if (file === undefined || strategies.some((strategy) => strategy.name === name)) return;
  throw fault('CFG-008', `strategy.file ${file} must be loaded by whoever makes the bot, and is not.`, {
    fix: 'Start it with perpsbot, or pass the strategy in strategies and name it with strategy.name.',
  });
}

/** A bot of its own container, not started. Several may live in one process. */
export const createBot = (options: CreateBotOptions = {}): PerpsBot => new PerpsBot(composeBot(options));
