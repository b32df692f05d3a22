import { configOf, type CommandSpec } from '../command.js';
import { countFlag, durationFlag, speedFlag } from '../flags.js';

export const start: CommandSpec = {
  name: 'start',
  summary: 'Run the bot. Without a profile: the demo, on paper, on a synthetic market.',
  example: 'start --for 30s --speed 20',
  kind: 'start.result',
  flags: [
    { flags: '--cycles <n>', text: 'stop after so many cycles' },
    { flags: '--for <duration>', text: 'stop after this time of yours: 30s, 5m, 1h' },
    { flags: '--speed <x>', text: 'world seconds for a second of yours, or max (paper world)' },
  ],
  async run(context, flags) {
    const cycles = flags.text('cycles');
    const forText = flags.text('for');
    const speed = flags.text('speed');
    const options = {
      ...(cycles === undefined ? {} : { cycles: countFlag('--cycles', cycles, 1) }),
      ...(forText === undefined ? {} : { forMs: durationFlag('--for', forText) }),
    };
    const config = {
      ...configOf(context.flags),
      fallbackProfile: 'demo',
      ...(speed === undefined ? {} : { speed: speedFlag(speed) }),
    };
    const { runForeground } = await import('../foreground.js');
    const bot = await context.host.createBot({ config });
    return runForeground(context, bot, {
      kind: 'start.result',
      ...options,
      next: ['perpsbot journal tail', 'perpsbot config show', 'perpsbot backtest --help'],
    });
  },
};
