import type { World } from '../../ports/configuration/settings/bot-config.js';
import type { CommandSpec, Flags } from '../command.js';
import { countFlag, durationFlag, speedFlag, usage } from '../flags.js';
import { givenOf, runFlags } from '../run-flags.js';
import { runConfigWithParameters } from '../run-request.js';

/** The market of a start is the configuration's: a venue's, or one that is made up. */
const RECORDED = { idle: 'perpsbot paper replays recorded bars; start trades the market of its configuration.' };

/** A venue has a time and a chance of its own. */
function refuseSimulated(world: World, flags: Flags): void {
  const idle = world === 'live' ? givenOf(['speed', 'seed'], flags) : undefined;
  if (idle !== undefined)
    throw usage(`${idle} must be left away: it has no meaning in the live world.`, 'Set world: paper to simulate.');
}

export const start: CommandSpec = {
  name: 'start',
  summary: 'Run the bot. Without a profile: the demo, on paper, on a synthetic market.',
  example: 'start --for 30s --speed 20',
  kind: 'start.result',
  flags: [
    { flags: '--cycles <n>', text: 'stop after so many cycles' },
    { flags: '--for <duration>', text: 'stop after this time of yours: 30s, 5m, 1h' },
    { flags: '--speed <x>', text: 'world seconds for a second of yours, or max (paper world)' },
    ...runFlags({
      symbol: { text: "symbol to trade, in place of the configuration's; may be repeated" },
      data: RECORDED,
      funding: RECORDED,
      catalog: RECORDED,
      kind: RECORDED,
      interval: RECORDED,
      zone: RECORDED,
      from: RECORDED,
      to: RECORDED,
    }),
  ],
  async run(context, flags) {
    const cycles = flags.text('cycles');
    const forText = flags.text('for');
    const speed = flags.text('speed');
    const symbols = flags.list('symbol');
    const options = {
      ...(cycles === undefined ? {} : { cycles: countFlag('--cycles', cycles, 1) }),
      ...(forText === undefined ? {} : { forMs: durationFlag('--for', forText) }),
    };
    const asked = {
      ...runConfigWithParameters(context, flags),
      ...(speed === undefined ? {} : { speed: speedFlag(speed) }),
      ...(symbols.length === 0 ? {} : { symbols }),
    };
    const { chosenStrategy } = await import('../../runs/strategy-module.js');
    const { runForeground } = await import('../foreground.js');
    const { config, definitions } = await chosenStrategy(context.host, asked, flags.text('strategy'));
    refuseSimulated(context.host.loadConfig(config).config.world, flags);
    const bot = await context.host.createBot({
      config,
      ...(definitions === undefined ? {} : { strategies: definitions }),
    });
    return runForeground(context, bot, {
      kind: 'start.result',
      ...options,
      next: ['perpsbot status', 'perpsbot journal tail'],
    });
  },
};
