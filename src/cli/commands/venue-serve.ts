import { terminalText } from '../../flow/plain-text.js';
import type { VenueServeRequest } from '../../ports/venue/served-venue.js';
import type { CommandSpec, Context, Flags, CommandOutcome } from '../command.js';
import { countFlag, usage } from '../flags.js';
import { stopOnSignal } from '../stop-on-signal.js';

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
    { flags: '--seed <n>', text: 'another made-up market; default 1' },
    { flags: '--data <file>', text: 'serve a recorded WebSocket session instead, as if it happened now' },
    { flags: '--symbol <name>', text: 'the symbol that the session must be of' },
    { flags: '--port <n>', text: 'port on 127.0.0.1; default 0: one that is free' },
    { flags: '--api-key <key>', text: 'key of the one account that may sign; without it nobody may' },
    { flags: '--api-secret <secret>', text: 'its secret' },
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
  const [key, secret] = [flags.text('apiKey'), flags.text('apiSecret')];
  if ((key === undefined) !== (secret === undefined) || key === '' || secret === '')
    throw usage(
      '--api-key and --api-secret must be given together, and not empty.',
      'Make both up, or leave both away.',
    );
  return {
    protocol,
    market: marketOf(flags),
    port,
    ...(key !== undefined && secret !== undefined && { key: { key, secret } }),
  };
}

function marketOf(flags: Flags): VenueServeRequest['market'] {
  const [file, seed, symbol] = [flags.text('data'), flags.text('seed'), flags.text('symbol')];
  if (flags.has('generated') === (file !== undefined))
    throw usage('Either --generated or --data must be given.', 'Write --generated, or --data and a recorded session.');
  if (file === undefined && symbol !== undefined)
    throw usage('--symbol must be left away beside --generated.', 'Remove --symbol.');
  if (file !== undefined && seed !== undefined)
    throw usage('--seed must be left away beside --data: nothing is made up.', 'Remove --seed.');
  return file === undefined
    ? { from: 'generated', ...(seed !== undefined && { seed: countFlag('--seed', seed, 0) }) }
    : { from: 'session', file, ...(symbol !== undefined && { symbol }) };
}
