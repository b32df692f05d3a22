import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { serveVenue } from '#di/wire/serve-venue.js';
import { HostTimers } from '#src/platform/time/host-timers.js';
import { NodeHostClock } from '#src/platform/time/node-host-clock.js';
import { NodeSocketClient } from '#src/platform/transport/node-socket-client.js';
import type { ServedVenue, VenueServeRequest } from '#src/ports/venue/serving/served-venue.js';
import { makeSession } from '../../../support/session.js';

const folder = mkdtempSync(join(tmpdir(), 'perpsbot-served-'));
const opened: ServedVenue[] = [];
afterEach(async () => {
  for (const served of opened.splice(0)) await served.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function serve(market: VenueServeRequest['market'], port = 0): Promise<ServedVenue> {
  const served = await serveVenue({ protocol: 'binance-usdm', market, port });
  opened.push(served);
  return served;
}
const get = async <T>({ host, port }: ServedVenue, path: string): Promise<T> =>
  (await (await fetch(`http://${host}:${port}/fapi/v1/${path}`)).json()) as T;

async function firstOf({ host, port }: ServedVenue, target: string): Promise<unknown> {
  let hear: (text: string) => void = () => undefined;
  const heard = new Promise<string>((resolve) => (hear = resolve));
  const client = new NodeSocketClient(new HostTimers(new NodeHostClock()));
  const sink = { message: (text: string) => hear(text), closed: () => undefined };
  const socket = await client.open(`ws://${host}:${port}${target}`, { timeoutMs: 5_000 }, sink);
  const first = await heard;
  socket.reset();
  return JSON.parse(first);
}

describe('a served venue, over the host', () => {
  it('makes a market up that has a past, quotes, marks and funding', async () => {
    const served = await serve({ from: 'generated' });
    expect(served.symbols).toEqual(['BTCUSDT', 'ETHUSDT']);
    const { serverTime } = await get<{ serverTime: number }>(served, 'time');
    expect(Math.abs(serverTime - Date.now())).toBeLessThan(500);
    const depth = await get<{ bids: string[][]; asks: string[][] }>(served, 'depth?symbol=BTCUSDT');
    const [bid, ask] = [Number(depth.bids[0]?.[0]), Number(depth.asks[0]?.[0])];
    expect([bid > 10_000, ask > bid]).toEqual([true, true]);
    const premium = await get<Record<string, string>>(served, 'premiumIndex?symbol=BTCUSDT');
    expect(Math.abs(Number(premium['markPrice']) / bid - 1)).toBeLessThan(0.05);
    expect([Number(premium['indexPrice']) > 0, premium['lastFundingRate']]).not.toContain('');
    const hours = await get<unknown[][]>(served, 'klines?symbol=ETHUSDT&interval=1h');
    expect(hours.length).toBeGreaterThan(8);
    expect(await get(served, 'fundingInfo')).toEqual([]);
    const told = await firstOf(served, '/public/ws/btcusdt@depth5@100ms');
    const levels = [[expect.any(String), expect.any(String)]];
    expect(told).toMatchObject({ e: 'depthUpdate', a: levels, b: levels });
  });

  it('plays a recording to its end, and takes no port that is taken and no file that is none', async () => {
    const file = join(folder, 'session.ndjson');
    writeFileSync(file, makeSession({ messages: 60 }).lines.join('\n'));
    const served = await serve({ from: 'session', file });
    await served.ended;
    const { lastUpdateId } = await get<{ lastUpdateId: number }>(served, 'depth?symbol=BTCUSDT');
    expect(lastUpdateId).toBeGreaterThan(1_100);
    await expect(serve({ from: 'session', file }, served.port)).rejects.toMatchObject({ code: 'VENUE-002' });
    await expect(serve({ from: 'session', file: join(folder, 'none') })).rejects.toMatchObject({ code: 'DATA-002' });
    await expect(serve({ from: 'session', file, symbol: 'ETHUSDT' })).rejects.toMatchObject({ code: 'DATA-006' });
  });
});
