import { describe, expect, it } from '@jest/globals';
import type { SafetyState } from '#src/domain/safety.js';
import { tighten } from '#src/flow/tighten.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { settled } from '#src/testing/settled.js';

/** A ladder whose state holds at once, as the contract says, and whose record ends as `written` does. */
function rig(written: () => Promise<void>) {
  const asked: [SafetyState, string][] = [];
  const ladder = {
    state: 'NORMAL' as SafetyState,
    tighten(to: SafetyState, reason: string) {
      asked.push([to, reason]);
      this.state = to;
      return written();
    },
  };
  return { ladder, asked, logger: new RecordingLogger() };
}

describe('tighten', () => {
  it('tightens at once, to the state and for the reason given, and says nothing', async () => {
    const { ladder, asked, logger } = rig(() => Promise.resolve());
    tighten(ladder, 'HALTED', 'order_overfilled', logger);
    expect(asked).toEqual([['HALTED', 'order_overfilled']]);
    await settled();
    expect(logger.lines).toEqual([]);
  });

  it('logs a record that cannot be written, with the state that holds all the same', async () => {
    const { ladder, logger } = rig(() => Promise.reject(new Error('disk full')));
    tighten(ladder, 'REDUCE_ONLY', 'max_drawdown', logger);
    await settled();
    expect(logger.lines).toEqual([
      {
        level: 'error',
        message: 'Safety state is tight but not on disk',
        fields: { state: 'REDUCE_ONLY', reason: 'max_drawdown', error: 'disk full' },
      },
    ]);
  });
});
