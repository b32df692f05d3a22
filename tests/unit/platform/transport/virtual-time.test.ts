import { describe, expect, it } from '@jest/globals';
import { VirtualClock } from '#src/platform/time/virtual-clock.js';
import { VirtualScheduler } from '#src/platform/time/virtual-scheduler.js';
import { MemoryNetwork } from '#src/platform/transport/memory-network.js';
import type { ServedSocket } from '#src/ports/transport/socket-server.js';
import { failure, Heard } from './scene.js';

const T0 = Date.UTC(2026, 0, 1);
const URL = 'http://fapi.venue.test:80/fapi/v1/time';

function world(latencyMs: number): { network: MemoryNetwork; scheduler: VirtualScheduler; clock: VirtualClock } {
  const clock = new VirtualClock();
  clock.set(T0);
  const scheduler = new VirtualScheduler(clock);
  return { network: new MemoryNetwork(scheduler, latencyMs), scheduler, clock };
}

describe('a network in memory on virtual time', () => {
  it('takes its latency on each way, and serves whatever name is asked for', async () => {
    const { network, clock } = world(40);
    let cameAt = 0;
    await network.listen({ host: 'fapi.venue.test', port: 80 }, () => {
      cameAt = clock.now();
      return { status: 200, body: '{}' };
    });
    await network.request({ method: 'GET', url: URL, timeoutMs: 1_000 });
    expect([cameAt - T0, clock.now() - T0]).toEqual([40, 80]);
  });

  it.each([
    ['refused', 'no', 40],
    ['silent', 'maybe', 1_000],
  ] as const)('whose outage is %s tells whoever asks: %s', async (outage, reached, afterMs) => {
    const { network, clock } = world(40);
    await network.listen({ host: 'fapi.venue.test', port: 80 }, () => ({ status: 200, body: '{}' }));
    network.outage = outage;
    expect((await failure(network.request({ method: 'POST', url: URL, timeoutMs: 1_000 })))[0]).toBe(reached);
    expect(clock.now() - T0).toBe(afterMs);
  });

  it('lets nothing through to sockets that stand, and what was lost stays lost', async () => {
    const { network, scheduler } = world(40);
    const listening = await network.listen({ host: 'stream.venue.test', port: 80 }, () => 'reset');
    let server: ServedSocket | undefined;
    network.attach(listening, () => (socket) => {
      server = socket;
      return new Heard();
    });
    const heard = new Heard();
    await network.open('ws://stream.venue.test/ws', { timeoutMs: 1_000 }, heard);
    network.outage = 'silent';
    server?.send('lost');
    await scheduler.sleep(100);
    network.outage = undefined;
    server?.send('heard');
    expect(await heard.until(1)).toEqual(['heard']);
    expect(scheduler.pending).toBe(0);
  });
});
