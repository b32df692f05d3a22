import { terminalText } from '../../flow/plain-text.js';
import type { CommandSpec, Context, Flags, CommandOutcome } from '../command.js';
import { warningLines } from '../errors.js';
import { speedFlag } from '../flags.js';
import { marketRequestOf } from '../market-flags.js';
import { runFlags } from '../run-flags.js';
import { runConfigWithParameters } from '../run-request.js';

export const paper: CommandSpec = {
  name: 'paper',
  summary: 'Replay the recorded bars of one symbol into the paper world, in real, scaled or virtual time.',
  example: 'paper --data bars.csv --strategy ./my-strategy.js --speed 60',
  kind: 'paper.result',
  flags: [...runFlags(), { flags: '--speed <x>', text: 'recorded seconds for a second of yours, or max; default 1' }],
  run,
};

async function run(context: Context, flags: Flags): Promise<CommandOutcome> {
  const market = marketRequestOf(flags);
  const asked = {
    ...runConfigWithParameters(context, flags),
    world: 'paper',
    speed: speedFlag(flags.text('speed') ?? '1'),
  } as const;
  const { openMarket, configFor, recordingOf } = await import('../../runs/market-files.js');
  const { chosenStrategy } = await import('../../runs/strategy-module.js');
  const { runForeground } = await import('../foreground.js');
  const { config, definitions } = await chosenStrategy(context.host, asked, flags.text('strategy'));
  const opened = await openMarket(context.host, config, market, {
    barsFor: 'A replay on paper',
    pricesBeside: true,
  });
  const bot = await context.host.createBot({
    config: configFor(config, opened),
    recording: recordingOf(opened),
    ...(definitions === undefined ? {} : { strategies: definitions }),
  });
  // A replay may take days: people hear of its terms before it, machines find them in the envelope.
  const json = context.flags.json === true;
  if (!json) context.host.io.stderr.write(terminalText(warningLines(opened.notes, context.err)));
  return runForeground(context, bot, {
    kind: 'paper.result',
    ...(json ? { warnings: opened.notes } : {}),
    next: ['perpsbot status', 'perpsbot journal tail'],
  });
}
