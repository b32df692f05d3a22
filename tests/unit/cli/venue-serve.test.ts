import { describe, expect, it } from '@jest/globals';
import type { VenueServeRequest } from '#src/ports/venue/serving/served-venue.js';
import { WIRE_FAULTS } from '#src/ports/venue/serving/wire-faults.js';
import { FakeHost } from './fake-host.js';

const SERVE = ['venue', 'serve', '--protocol', 'binance-usdm'] as const;

/** A host whose server stands until it is closed. */
class ServingHost extends FakeHost {
  readonly asked: VenueServeRequest[] = [];
  closed = 0;
  whenServed: (market: { end(): void; fail(error: Error): void }) => void = () => this.signal('SIGINT');

  override serveVenue: FakeHost['serveVenue'] = (request) => {
    this.asked.push(request);
    const ended = new Promise<void>((end, fail) => setImmediate(() => this.whenServed({ end, fail })));
    return Promise.resolve({
      ...{ host: '127.0.0.1', port: 8790, symbols: ['BTCUSDT'], ended },
      close: () => Promise.resolve(void (this.closed += 1)),
    });
  };
}

describe('perpsbot venue serve', () => {
  it('says where it serves, and ends cleanly on a signal', async () => {
    const host = new ServingHost();
    const key = ['--api-key', 'k', '--api-secret', 's'];
    expect(await host.run(...SERVE, '--generated', '--seed', '7', '--port', '8790', ...key, '--json')).toBe(0);
    expect(host.asked).toEqual([
      {
        ...{ protocol: 'binance-usdm', market: { from: 'generated', seed: 7 } },
        ...{ port: 8790, keys: [{ key: 'k', secret: 's' }] },
      },
    ]);
    expect(host.stderr.written).toContain('Serving BTCUSDT at http://127.0.0.1:8790 and ws://127.0.0.1:8790');
    expect(host.envelope().data).toMatchObject({ symbols: ['BTCUSDT'], stoppedBy: 'signal SIGINT' });
    expect([host.closed, host.listeningForSignals]).toEqual([1, 0]);
  });

  it('ends with the recording, and fails with a market that fails', async () => {
    const host = new ServingHost();
    host.whenServed = ({ end }) => end();
    expect(await host.run(...SERVE, '--data', 'session.ndjson', '--symbol', 'BTCUSDT')).toBe(0);
    expect(host.asked).toEqual([
      { protocol: 'binance-usdm', market: { from: 'session', file: 'session.ndjson', symbol: 'BTCUSDT' }, port: 0 },
    ]);
    expect(host.stdout.written).toContain('ended: the recorded market has ended');
    host.whenServed = ({ fail }) => fail(new Error('no more'));
    expect(await host.run(...SERVE, '--generated')).not.toBe(0);
    expect([host.closed, host.listeningForSignals]).toEqual([2, 0]);
  });

  it('takes faults by name, or all of them', async () => {
    const host = new ServingHost();
    await host.run(...SERVE, '--data', 'x', '--fault', 'drop', '--fault', 'html', '--seed', '3');
    await host.run(...SERVE, '--generated', '--faults', 'swarm');
    expect(host.asked.map(({ faults }) => faults)).toMatchObject([
      { names: ['drop', 'html'], seed: 3 },
      { names: WIRE_FAULTS, seed: 1 },
    ]);
  });

  it.each([
    [[...SERVE, '--generated', '--fault', 'rain'], '--fault must be one that is known'],
    [[...SERVE, '--generated', '--faults', 'some'], '--faults must be swarm'],
    [[...SERVE, '--generated', '--faults', 'swarm', '--fault', 'drop'], '--faults must be swarm'],
    [['venue', 'serve', '--protocol', 'other', '--generated'], '--protocol must be one that is known'],
    [['venue', 'serve', '--generated'], '--protocol'],
    [[...SERVE], 'Either --generated or --data'],
    [[...SERVE, '--generated', '--data', 'x'], 'Either --generated or --data'],
    [[...SERVE, '--generated', '--symbol', 'x'], '--symbol must be left away'],
    [[...SERVE, '--data', 'x', '--seed', '1'], '--seed must be left away'],
    [[...SERVE, '--generated', '--port', '65536'], '--port must be at most 65535'],
    [[...SERVE, '--generated', '--api-key', 'k'], '--api-key and --api-secret must be given together'],
    [[...SERVE, '--generated', '--api-key', '', '--api-secret', 's'], '--api-key and --api-secret'],
  ])('refuses %j', async (words, message) => {
    const host = new ServingHost();
    expect(await host.run(...words)).toBe(2);
    expect(host.stderr.written).toContain(message);
    expect(host.asked).toEqual([]);
  });
});
