import { terminalText } from '../../../flow/plain-text.js';
import type { VenueServeRequest } from '../../../ports/venue/serving/served-venue.js';
import { WIRE_FAULTS } from '../../../ports/venue/serving/wire-faults.js';
import type { CommandSpec, Context, Flags, CommandOutcome } from '../../command.js';
import { countFlag, usage } from '../../flags.js';
import { stopOnSignal } from '../../stop-on-signal.js';

const PROTOCOL = 'binance-usdm';
const LARGEST_PORT = 65_535;

export const venueServe: CommandSpec = {
  name: 'venue serve',
  summary: "Serve a market on loopback in a venue's own protocol, to test a bot on, until stopped.",
  example: `venue serve --protocol ${PROTOCOL} --generated --port 8790 --api-key test --api-secret test`,
  kind: 'venue.served',
  flags: [
    { flags: '--protocol <name>', text: `whose protocol; ${PROTOCOL} is known`, required: true },
    { flags: '--generated', text: 'serve a made-up market of BTCUSDT and ETHUSDT' },
    { flags: '--seed <n>', text: 'another made-up market, other faults; default 1' },
    { flags: '--data <file>', text: 'serve a recorded WebSocket session instead, as if it happened now' },
    { flags: '--symbol <name>', text: 'the symbol that the session must be of' },
    { flags: '--fault <name>', text: 'what goes wrong now and then; may be repeated', repeated: true },
    { flags: '--faults <which>', text: 'swarm: everything that can go wrong does, seldom' },
    { flags: '--port <n>', text: 'port on 127.0.0.1; default 0: one that is free' },
    {
      flags: '--api-key <key>',
      text: 'key of an account; without one nobody may sign; may be repeated',
      repeated: true,
    },
    { flags: '--api-secret <secret>', text: 'the secret of each key, in their order', repeated: true },
  ],
  run,
};

async function run({ host }: Context, flags: Flags): Promise<CommandOutcome> {
  const request = requestOf(flags);
  let end: (reason: string) => void = () => undefined;
  const stopped = new Promise<string>((resolve) => (end = resolve));
  const signals = stopOnSignal(host, (signal) => end(`signal ${signal}`));
  try {
    const served = await host.serveVenue(request);
    const address = `${served.host}:${served.port}`;
    const symbols = served.symbols.join(', ');
    host.io.stderr.write(terminalText(`Serving ${symbols} at http://${address} and ws://${address}, until Ctrl-C.\n`));
    try {
      const ended = served.ended.then(() => 'the recorded market has ended');
      const stoppedBy = await Promise.race([stopped, ended]);
      return {
        kind: 'venue.served',
        data: { protocol: request.protocol, address, symbols: [...served.symbols], stoppedBy },
        text: `Served ${symbols} at ${address}, ended: ${stoppedBy}`,
      };
    } finally {
      await served.close();
    }
  } finally {
    signals.close();
  }
}

function requestOf(flags: Flags): VenueServeRequest {
  const protocol = flags.required('protocol');
  if (protocol !== PROTOCOL)
    throw usage(`--protocol must be one that is known, was "${protocol}".`, `Write --protocol ${PROTOCOL}.`);
  const port = countFlag('--port', flags.text('port') ?? '0', 0);
  if (port > LARGEST_PORT) throw usage(`--port must be at most ${LARGEST_PORT}, was ${port}.`, 'Write --port 8790.');
  const [keys, secrets] = [flags.list('apiKey'), flags.list('apiSecret')];
  if (keys.length !== secrets.length || [...keys, ...secrets].includes(''))
    throw usage(
      '--api-key and --api-secret must be given together, and not empty.',
      'Make both up, or leave both away.',
    );
  if (new Set(keys).size < keys.length)
    throw usage('--api-key must name each account once.', 'Make another one up for each.');
  return {
    protocol,
    market: marketOf(flags),
    port,
    ...faultsOf(flags),
    ...(keys.length > 0 && { keys: keys.map((key, index) => ({ key, secret: secrets[index] ?? '' })) }),
  };
}

/** One fault is looked for, of many each is seldom. */
const [CHANCE, SWARM_CHANCE] = [0.05, 0.002];

function faultsOf(flags: Flags): Pick<VenueServeRequest, 'faults'> {
  const [named, all] = [flags.list('fault'), flags.text('faults')];
  if (all !== undefined && (all !== 'swarm' || named.length > 0))
    throw usage(
      `--faults must be swarm, and stand without --fault; was "${all}".`,
      'Write --faults swarm, or --fault and a name.',
    );
  const names = named.map((name) => {
    const known = WIRE_FAULTS.find((each) => each === name);
    if (known === undefined) throw usage(`--fault must be one that is known, was "${name}".`, WIRE_FAULTS.join(', '));
    return known;
  });
  const seed = seedOf(flags) ?? 1;
  if (all !== undefined) return { faults: { names: WIRE_FAULTS, chance: SWARM_CHANCE, seed } };
  return names.length === 0 ? {} : { faults: { names, chance: CHANCE, seed } };
}

function seedOf(flags: Flags): number | undefined {
  const text = flags.text('seed');
  return text === undefined ? undefined : countFlag('--seed', text, 0);
}

function marketOf(flags: Flags): VenueServeRequest['market'] {
  const [file, seed, symbol] = [flags.text('data'), seedOf(flags), flags.text('symbol')];
  if (flags.has('generated') === (file !== undefined))
    throw usage('Either --generated or --data must be given.', 'Write --generated, or --data and a recorded session.');
  if (file === undefined && symbol !== undefined)
    throw usage('--symbol must be left away beside --generated.', 'Remove --symbol.');
  if (file !== undefined && seed !== undefined && faultsOf(flags).faults === undefined)
    throw usage('--seed must be left away beside --data without faults: nothing is made up.', 'Remove --seed.');
  return file === undefined
    ? { from: 'generated', ...(seed !== undefined && { seed }) }
    : { from: 'session', file, ...(symbol !== undefined && { symbol }) };
}
