import { describe, expect, it } from '@jest/globals';
import { guardedLogger } from '#src/platform/guarded-logger.js';
import { RepeatedLines } from '#src/platform/repeated-lines.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';

const SECOND = 1_000;
const HOUR = 3_600_000;

describe('a line that is said again and again', () => {
  it('is six lines in an hour of an outage that was 720, the first at once, and one when it is over', () => {
    const lines = new RepeatedLines();
    const said: (readonly [number, number | undefined])[] = [];
    for (let at = 0; at < HOUR; at += 5 * SECOND) {
      expect(lines.ended(at)).toEqual([]);
      const repeats = lines.take('no route to host', at);
      if (repeats !== undefined) said.push([at / SECOND, repeats.repeated]);
    }
    expect(said).toEqual([
      [0, undefined],
      [60, 13],
      [180, 37],
      [420, 85],
      [900, 181],
      [1860, 373],
    ]);
    expect(lines.ended(HOUR + 4 * 60 * SECOND)).toEqual([]);
    expect(lines.ended(HOUR + 6 * 60 * SECOND)).toEqual([
      ['no route to host', { repeated: 720, since: '1970-01-01T00:00:00.000Z' }],
    ]);
    expect(lines.take('no route to host', HOUR + 7 * 60 * SECOND)).toEqual({});
  });

  it('hides nothing that differs, and forgets one that was said once without a word', () => {
    const lines = new RepeatedLines();
    for (let n = 0; n < 2_000; n += 1) expect(lines.take(`order ${n}`, n)).toEqual({});
    expect(lines.ended(HOUR)).toEqual([]);
  });
});

describe('a logger that throws', () => {
  it('ends nothing: what it threw is told once, and its other members are as they were', async () => {
    const told: string[] = [];
    const real = new RecordingLogger();
    real.info = () => {
      throw new Error('disk full');
    };
    const logger = guardedLogger(real, { onFailure: (message) => told.push(message) });
    logger.info('a');
    logger.info('b');
    logger.error('c');
    expect(told).toEqual(['disk full']);
    expect(real.at('error')).toEqual(['c']);
    expect(logger.debugEnabled).toBe(real.debugEnabled);
    await expect(logger.close()).resolves.toBeUndefined();
  });
});
