import { terminalText } from '../../flow/plain-text.js';
import type { CommandSpec, Context, Flags, CommandOutcome } from '../command.js';
import { warningLines } from '../errors.js';
import { speedFlag, usage } from '../flags.js';
import { marketRequestOf, namesMarket } from '../market-flags.js';
import { givenOf, runFlags } from '../run-flags.js';
import { recordingOf as marketRecordingOf, withRecord } from '../recorded-run.js';
import { runConfigWithParameters } from '../run-request.js';

export const paper: CommandSpec = {
  name: 'paper',
  summary: "Trade on paper: over the recorded bars of one symbol, or on a venue's own market as it happens.",
  example: 'paper --data bars.csv --strategy ./my-strategy.js --speed 60',
  kind: 'paper.result',
  flags: [
    ...runFlags(),
    { flags: '--speed <x>', text: 'recorded seconds for a second of yours, or max; default 1' },
    {
      flags: '--venue <name>',
      text: 'in place of a recording: a venue whose public market is followed, as binance-usdm',
    },
    { flags: '--record <file>', text: 'with --venue: what is heard of its market, to be verified and played again' },
    { flags: '--overwrite', text: 'with --record: the file may be there already, and what stands in it is lost' },
  ],
  run,
};

const REPLAY_ONLY = ['data', 'funding', 'catalog', 'kind', 'interval', 'zone', 'from', 'to', 'speed'] as const;
const VENUE_ONLY = ['record', 'overwrite'] as const;

function run(context: Context, flags: Flags): Promise<CommandOutcome> {
  const venue = flags.text('venue');
  if (venue !== undefined) return follow(context, flags, venue);
  const given = givenOf(VENUE_ONLY, flags);
  if (given !== undefined)
    throw usage(`${given} must be given with --venue: a recording stands in its file already.`, 'Leave it away.');
  return replay(context, flags);
}

/** What is seen is real, the money is not: no key is known, and nothing is ordered at the venue. */
async function follow(context: Context, flags: Flags, venue: string): Promise<CommandOutcome> {
  const given = givenOf(REPLAY_ONLY, flags);
  if (given !== undefined || namesMarket(flags))
    throw usage(
      `${given ?? '--data'} must not be given with --venue, whose market is followed as it happens.`,
      'Leave one of them away.',
    );
  const asked = runConfigWithParameters(context, flags);
  const request = {
    ...asked,
    world: 'paper',
    speed: 1,
    settings: { ...asked.settings, 'venue.name': venue },
  } as const;
  const { chosenStrategy } = await import('../../runs/strategy-module.js');
  const { followedMarket } = await import('../../runs/venue/followed-market.js');
  const { runForeground } = await import('../foreground.js');
  const { config, definitions } = await chosenStrategy(context.host, request, flags.text('strategy'));
  if (flags.has('overwrite') && !flags.gave('record'))
    throw usage('--overwrite must be given with --record, whose file it gives away.', 'Leave it away.');
  const recording = marketRecordingOf(context, flags);
  const market = await context.host.openPublicMarket(config, recording?.heard);
  try {
    const followed = await followedMarket(context.host, config, market, flags.list('symbol'));
    await recording?.begin(followed.symbols ?? []);
    const bot = await context.host.createBot({
      config: followed,
      market,
      ...(definitions === undefined ? {} : { strategies: definitions }),
    });
    const ran = await runForeground(context, bot, {
      kind: 'paper.result',
      next: ['perpsbot status', 'perpsbot journal tail'],
    });
    return recording === undefined ? ran : withRecord(ran, await recording.end());
  } finally {
    market.close();
    await recording?.end();
  }
}

async function replay(context: Context, flags: Flags): Promise<CommandOutcome> {
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
