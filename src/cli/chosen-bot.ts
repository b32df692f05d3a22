import { chosenStrategy } from '../runs/strategy-module.js';
import { configOf, type CommonFlags } from './command.js';
import type { BotRequest, CliHost } from './host.js';

/** The bot that `start` would make of these flags, its strategy loaded. Throws CFG-*, STRAT-002. */
export async function chosenBot(host: CliHost, flags: CommonFlags): Promise<BotRequest> {
  const asked = { ...configOf(flags), fallbackProfile: 'demo' };
  const { config, definitions } = await chosenStrategy(host, asked, undefined);
  return { config, ...(definitions === undefined ? {} : { strategies: definitions }) };
}
