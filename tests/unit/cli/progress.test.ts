import { afterEach, describe, expect, it } from '@jest/globals';
import { Progress, rateText } from '#src/cli/text/progress.js';
import type { OutputStream } from '#src/cli/host.js';
import { FakeStream } from './fake-host.js';

describe('progress', () => {
  let now = 0;
  let progress: Progress | undefined;
  const made = (stream: FakeStream): Progress => {
    now = 0;
    return (progress = new Progress(
      stream as unknown as OutputStream,
      { monotonic: () => now, wall: () => 0 },
      'backtest',
      1_000,
      'bars',
    ));
  };
  afterEach(() => progress?.stop());

  it('draws a bar on a terminal after a second, takes no signals, and leaves the line clean', () => {
    const stream = new FakeStream(true);
    const listeners = process.listenerCount('SIGINT');
    const shown = made(stream);
    now = 999;
    shown.update(400);
    expect(stream.written).toBe('');
    now = 2_000;
    shown.update(500, '12 trades');
    expect(stream.written).toContain('backtest 50 % ▕██████████');
    expect(stream.written).toContain('▏ · 250 bars/s · ETA 0:02 · 12 trades');
    expect(process.listenerCount('SIGINT')).toBe(listeners);
    const before = stream.written.length;
    shown.stop();
    expect(stream.written.slice(before)).not.toContain('\n');
    shown.stop();
  });

  it('writes a line each ten per cent or ten seconds where there is no terminal', () => {
    const stream = new FakeStream();
    const shown = made(stream);
    now = 1_000;
    shown.update(100);
    shown.update(150);
    now = 11_000;
    shown.update(160);
    expect(stream.written).toBe('backtest 10 % · 100 bars/s · ETA 0:09\nbacktest 16 % · 14 bars/s · ETA 0:57\n');
  });

  it('shortens rates', () => {
    expect([12.7, 412_345, 2_450_000].map(rateText)).toEqual(['12', '412 k', '2.5 M']);
  });
});
