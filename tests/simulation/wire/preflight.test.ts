import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import 'reflect-metadata';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Brokerage, createBot, type BotContainer } from 'perpsbot';
import { parse } from 'yaml';
import { Clock, HostClock } from '#src/ports/configuration/clock.js';
import { Files } from '#src/ports/configuration/files.js';
import { Logger } from '#src/ports/configuration/logger.js';
import { Random } from '#src/ports/configuration/random.js';
import { HostScheduler } from '#src/ports/configuration/scheduler.js';
import { ConfigController } from '#src/ports/configuration/settings/config-controller.js';
import { VenueCredentials } from '#src/ports/configuration/venue-credentials.js';
import { HttpClient } from '#src/ports/transport/http-client.js';
import { SocketClient } from '#src/ports/transport/socket-client.js';
import { UsdmBrokerage } from '#src/venues/binance-usdm/usdm-brokerage.js';
import { DAY_MS } from '#src/domain/time-spans.js';
import { perpsbotWith, type Said } from '../../support/command-line.js';
import { Operated } from './operated.js';

const PAGE = readFileSync('docs/first-real-order.md', 'utf8');

/** The block of the page that is called so. */
function block(name: string): string {
  const found = new RegExp(`\`\`\`(?:yaml|sh)\\n# ${name}\\n([\\s\\S]*?)\`\`\``).exec(PAGE)?.[1];
  if (found === undefined) throw new Error(`${name} stands in no block of the page`);
  return found;
}

const CANARY = block('canary.yaml').replaceAll('file: api-', 'file: DIR/api-');

/** What the adapter is made of. */
const PARTS = [
  ...([ConfigController, VenueCredentials, HttpClient, SocketClient, Clock, HostClock] as const),
  ...([HostScheduler, Random, Logger, Files] as const),
] as const;

let at: Operated | undefined;
afterEach(async () => {
  await at?.close();
  at = undefined;
});

/** The served venue plays production: only a test can say so. */
const played = ({ served }: Operated) => {
  class PlayedProduction extends UsdmBrokerage {
    static override hostsOf(): ReturnType<typeof UsdmBrokerage.hostsOf> {
      const address = `${served.host}:${served.port}`;
      const restUrl = `http://${address}`;
      return { restUrl, streamUrl: `ws://${address}`, permissionsUrl: restUrl, environment: 'live' };
    }
  }
  return (container: BotContainer): void =>
    void container
      .rebind(Brokerage)
      .toResolvedValue((...parts) => new PlayedProduction(...parts), [...PARTS])
      .inSingletonScope();
};

const passes = (own: Operated, file = 'canary.yaml'): Promise<Said> =>
  perpsbotWith(played(own), 'preflight', '--config', join(own.directory, file), '--state', own.state, '--json');

/** What a start says: undefined where it comes up. */
async function starts(own: Operated, file = 'canary.yaml'): Promise<string | undefined> {
  const config = parse(readFileSync(join(own.directory, file), 'utf8')) as object;
  const storage = { driver: 'sqlite', directory: own.state };
  const bot = createBot({ config: { ...config, storage, logging: { level: 'error' } }, overrides: played(own) });
  try {
    await bot.open();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    await bot.stop();
  }
}

/** Real sockets: some ten seconds. */
describe('perpsbot preflight, over the served venue', () => {
  it('proves every limit with the way to orders closed, and says what cannot be checked there', async () => {
    at = await Operated.serve('preflight');
    const seen = await at.perpsbot('preflight');
    const states = (said: Said): unknown =>
      Object.fromEntries(
        (said.data['checks'] as { name: string; state: string }[]).map(({ name, state }) => [name, state]),
      );
    const good = {
      connection: 'ok',
      clock: 'ok',
      filters: 'ok',
      account: 'ok',
      stream: 'ok',
      limits: 'ok',
      wire: 'ok',
    };
    expect([seen.code, states(seen)]).toEqual([3, { ...good, permissions: 'fail' }]);
    const limits = seen.data['limits'] as { limit: string; check: string; refused: boolean }[];
    expect(limits.map(({ limit, check, refused }) => `${limit}: ${check} ${refused}`)).toEqual([
      'ordersPerMinute: order_rate true',
      'maxMarkStaleness: stale_mark true',
      'priceCollar: price_collar true',
      'passiveBand: passive_band true',
      'maxUnattendedEntries: repeated_execution true',
      'maxOrderNotional: max_order_notional true',
      'maxPositionSize and maxGrossNotional: max_position_size true',
      'dailyLossLimit: daily_loss true',
      'maxLeverage: leverage true',
      'maxDrawdown: reduce_only_block true',
      'halt: kill_switch true',
    ]);
    expect([seen.data['heldBack'], await at.open(), await at.held()]).toEqual([[], [], 0]);

    const text = readFileSync(join(at.directory, 'live.yaml'), 'utf8');
    at.write('live.yaml', `${text}account: { permissionsUnchecked: true }\n`);
    const sure = await at.perpsbot('preflight');
    expect([sure.code, states(sure)]).toEqual([0, { ...good, permissions: 'unknown' }]);
    const kept = readFileSync(join(at.state, 'preflight.json'), 'utf8');
    expect([JSON.parse(kept), /test-secret|"test"/.test(kept), existsSync(join(at.state, 'journal.db'))]).toMatchObject(
      [...[{ passed: true }, false, false]],
    );
  }, 60_000);

  it('is asked for by production: of the last day, this key, host and configuration, with the canary', async () => {
    at = await Operated.serve('preflight-live');
    const text = CANARY.replaceAll('DIR', at.directory);
    at.write('canary.yaml', text);
    expect(await starts(at)).toContain('no preflight has been made');
    const done = await passes(at);
    expect([done.code, done.data['environment']]).toEqual([0, 'live']);
    expect(await starts(at)).toBeUndefined();

    at.write('other.yaml', text.replace('maxOrderNotional: 400', 'maxOrderNotional: 300'));
    expect(await starts(at, 'other.yaml')).toContain('another configuration');
    const record = join(at.state, 'preflight.json');
    const fresh = readFileSync(record, 'utf8');
    const changed = (change: object): void =>
      writeFileSync(record, JSON.stringify({ ...(JSON.parse(fresh) as object), ...change }));
    for (const [change, why] of [
      [{ at: Date.now() - DAY_MS - 1_000 }, 'older than 24 hours'],
      [{ at: Date.now() + 60_000 }, 'older than 24 hours'],
      [{ passed: false }, 'has not passed'],
      [{ keyHash: '0' }, 'another key'],
      [{ hosts: 'elsewhere' }, 'another host'],
      [{ schema: 2 }, 'no preflight has been made'],
    ] as const) {
      changed(change);
      expect(await starts(at)).toContain(why);
    }
    writeFileSync(record, fresh);
    const live = readFileSync(join(at.directory, 'live.yaml'), 'utf8');
    at.write(
      'prod.yaml',
      live.replace('environment: testnet', 'environment: live').replace(/^ *(rest|stream)Url.*\n/gm, ''),
    );
    expect(await starts(at, 'prod.yaml')).toContain('not of the canary');
  }, 60_000);

  it('refuses a key that may withdraw, and remembers that it did not pass', async () => {
    at = await Operated.serve('preflight-withdraw', undefined, { mayWithdraw: true });
    at.write('canary.yaml', CANARY.replaceAll('DIR', at.directory));
    const { code, stdout } = await passes(at);
    expect([code, stdout.includes('the key may withdraw')]).toEqual([3, true]);
    expect(await starts(at)).toContain('has not passed');
  }, 60_000);
});

describe('the page of the first real order', () => {
  it('says commands that run as they stand there', async () => {
    const own = (at = await Operated.serve('first-real-order', (yaml) => `${yaml}${block('added.yaml')}`));
    own.write('strategy.mjs', readFileSync('tests/simulation/wire/live-strategy.mjs', 'utf8'));
    const placed = (word: string): string =>
      /^(live\.yaml|strategy\.mjs)$/.test(word) ? join(own.directory, word) : word;
    const said: string[] = [];
    for (const line of `${block('own server')}${block('drill')}`.trim().split('\n')) {
      const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '').slice(1);
      const argv = words.map((word) => (word === 'var/live' ? own.state : placed(word)));
      const { code } = await perpsbotWith(undefined, ...argv);
      said.push(`${words.slice(0, words[0] === 'journal' ? 2 : 1).join(' ')} ${code}`);
    }
    expect(said).toEqual([
      ...['preflight 0', 'start 0', 'reconcile 0', 'journal verify 0'],
      ...['halt 0', 'status 6', 'resume 0'],
    ]);
  }, 90_000);
});
