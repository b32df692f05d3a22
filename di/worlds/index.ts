import type { BotConfig } from '../../src/ports/configuration/settings/bot-config.js';
import type { WorldBindings } from '../phase.js';
import { backtestWorld } from './backtest.js';
import { liveWorld } from './live.js';
import { paperWorld, type PaperMarket } from './paper.js';

/** The bindings of the world that the configuration names. */
export function worldBindings(config: BotConfig, market: PaperMarket = {}): WorldBindings {
  switch (config.world) {
    case 'live':
      return liveWorld(config);
    case 'paper':
      return paperWorld(config, market);
    case 'backtest':
      return backtestWorld(config);
  }
}
