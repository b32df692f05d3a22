import type { z } from 'zod';
import { choice, decimal, duration, flag, list, money, section, symbol, text } from './fields.js';
import {
  accountSchema,
  executionSchema,
  instrumentsSchema,
  loggingSchema,
  sessionSchema,
  simulationSchema,
  storageSchema,
  streamingSchema,
  tasksSchema,
  venueSchema,
} from './operation.js';
import { riskSchema } from './risk.js';
import { strategySchema } from './strategy.js';

export const PROFILES = ['dev', 'demo', 'spot', 'canary', 'prod'] as const;
const WORLDS = ['live', 'paper', 'backtest'] as const;

/**
 * Every key of a configuration file, of `PERPSBOT__…` variables and of overrides. All are optional here: layers fill
 * each other.
 */
export const configSchema = section({
  profile: choice(PROFILES, 'Preset this configuration starts from.'),
  world: choice(WORLDS, 'Where orders go: a venue, the exchange inside, or history.'),
  botId: text('Name of this bot in records; one account, one bot.'),
  symbols: list(symbol('An instrument, like BTC-PERP.'), 'What is traded, in order. Nothing is substituted.'),
  derivatives: flag('Are shorts and leverage allowed? Off, every instrument is treated as spot.'),
  dryRun: flag('Decide, but send nothing.'),
  updateInterval: duration("One cycle, and one step of the strategies' series.", { atLeast: 100 }),
  maxLeverage: decimal("This bot's own cap; tightens risk.maxLeverage, never loosens it.", { above: 0, atMost: 200 }),
  maxPositionSize: money("This bot's own cap; tightens risk.maxPositionSize, never loosens it."),
  dailyLossLimit: money("This bot's own limit; tightens risk.dailyLossLimit, never loosens it."),
  strategy: strategySchema,
  risk: riskSchema,
  execution: executionSchema,
  streaming: streamingSchema,
  session: sessionSchema,
  tasks: tasksSchema,
  storage: storageSchema,
  simulation: simulationSchema,
  instruments: instrumentsSchema,
  venue: venueSchema,
  account: accountSchema,
  logging: loggingSchema,
});

/** What one layer says, read. Names bear their units: `updateInterval: 5s` has become `updateIntervalMs: 5000`. */
export type PartialConfig = z.output<typeof configSchema>;
