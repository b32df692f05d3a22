import type { BarSource } from '../../src/ports/core-services/bar-source.js';
import type { BotConfig } from '../../src/ports/configuration/settings/bot-config.js';
import type { WorldBindings } from '../phase.js';
import { backtestWorld } from './backtest.js';
import { liveWorld } from './live.js';
import { paperWorld } from './paper.js';

/** The bindings of the world that the configuration names. */
export function worldBindings(config: BotConfig, recording?: BarSource): WorldBindings {
  switch (config.world) {
    case 'live':
      return liveWorld(config);
    case 'paper':
      return paperWorld(config, recording);
    case 'backtest':
      return backtestWorld(config);
  }
}
