import { injectable } from 'inversify';
import { fault } from '../../domain/errors.js';
import { inject, injectAll } from '../../injection/inject.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import { StrategyDefinition, type Strategy, type StrategyRegistry } from '../../ports/core-services/strategy.js';
import { nearestName } from './nearest-name.js';
import { assertKnownParameters } from './parameters.js';
import { limitsFor, settingsFor, settingsKey } from './built-in/symbol-settings.js';

interface Entry {
  readonly key: string;
  readonly strategy: Strategy;
}

/**
 * Makes the configured strategy for each symbol and keeps it while that symbol's settings stay deeply equal. A strategy
 * that has to be made anew takes over what its predecessor of the same name remembered of the position.
 */
@injectable()
export class ConfiguredStrategyRegistry implements StrategyRegistry {
  private readonly definitions = new Map<string, StrategyDefinition>();
  private entries = new Map<string, Entry>();

  /** Throws CFG-008 for two strategies of one name, an unknown name or an unknown parameter. */
  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @injectAll(StrategyDefinition) definitions: StrategyDefinition[],
  ) {
    for (const definition of definitions) {
      if (this.definitions.has(definition.name))
        throw fault('CFG-008', `Strategy names must be unique, was ${definition.name} twice.`);
      this.definitions.set(definition.name, definition);
    }
    this.reconfigure();
    config.onChange(() => this.reconfigure());
  }

  strategyFor(symbol: string): Strategy {
    let entry = this.entries.get(symbol);
    if (entry === undefined) this.entries.set(symbol, (entry = this.make(symbol)));
    return entry.strategy;
  }

  lookbackFor(symbol: string): number {
    return this.strategyFor(symbol).lookback;
  }

  /**
   * All or nothing: when it throws, the strategies in force stay. Those of symbols that left too: a position may still
   * be open.
   */
  reconfigure(): void {
    const symbols = new Set([...this.config.current.symbols, ...this.entries.keys()]);
    this.entries = new Map([...symbols].map((symbol) => [symbol, this.make(symbol)]));
  }

  private make(symbol: string): Entry {
    const settings = settingsFor(this.config.current, symbol);
    const definition = this.definition(settings.name);
    const { updateIntervalMs } = this.config.current;
    const limits = limitsFor(this.config.current, symbol);
    const key = [
      settingsKey(settings),
      hasOwnBars(definition) ? updateIntervalMs : '',
      definition.sizesWithin === true ? JSON.stringify(limits) : '',
    ].join(' ');
    const before = this.entries.get(symbol);
    if (before?.key === key) return before;
    assertKnownParameters(definition.name, settings.params, definition.parameters);
    const strategy = definition.create(settings, updateIntervalMs, limits);
    const memory = before?.strategy.name === strategy.name ? before.strategy.snapshot(symbol) : undefined;
    if (memory !== undefined) strategy.restore(symbol, memory);
    return { key, strategy };
  }

  private definition(name: string): StrategyDefinition {
    const definition = this.definitions.get(name);
    if (definition !== undefined) return definition;
    const names = [...this.definitions.keys()];
    const nearest = nearestName(name, names);
    throw fault('CFG-008', `strategy.name must be a registered strategy, was ${JSON.stringify(name)}.`, {
      fix: nearest === undefined ? `Use one of: ${names.join(', ')}.` : `Did you mean ${nearest}?`,
    });
  }
}

/** It is made for an interval. */
const hasOwnBars = (definition: StrategyDefinition): boolean =>
  definition.timeframeMs !== undefined || 'timeframeFor' in definition || definition.event !== undefined;
