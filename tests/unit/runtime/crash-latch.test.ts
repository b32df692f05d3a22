import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { fault } from '#src/domain/errors.js';
import type { SafetyState } from '#src/domain/safety.js';
import { CrashLatch } from '#src/services/runtime/crash-latch.js';
import { endBefore } from '#src/services/runtime/run-before.js';
import { recordFatal } from '#src/services/runtime/fatal-record.js';
import { DurableSafetyLadder } from '#src/services/risk/durable-safety-ladder.js';
import { NoOperatorRequests } from '#src/storage/memory/no-operator-requests.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { FakeConfigController, testConfig } from '../../support/config.js';
import { FakeEventStore } from '../../support/memory-event-store.js';

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1);

/** What a life may end in. */
type End =
  | 'stopped'
  | 'killed'
  | 'died while starting'
  | 'died while running'
  | 'venue unreachable'
  | 'refused'
  | 'account held';

/** One state directory over many lives. */
class Lives {
  readonly events = new FakeEventStore();
  readonly logger = new RecordingLogger();
  wall = START;
  /** What each start said of the run before it. */
  readonly told: (string | undefined)[] = [];
  private readonly config = new FakeConfigController(testConfig({}));

  /** The state in which the bot came up. */
  async live(end: End, during: (ladder: DurableSafetyLadder) => Promise<void> = async () => undefined) {
    const { events, logger } = this;
    const ladder = new DurableSafetyLadder(
      this.config,
      events,
      { now: () => this.wall },
      logger,
      new NoOperatorRequests(),
    );
    ladder.reconcileBy(() => Promise.resolve([]));
    const latch = new CrashLatch(
      this.config,
      events,
      ladder,
      { wall: () => this.wall, monotonic: () => this.wall },
      logger,
    );
    await latch.start();
    this.told.push(endBefore(events));
    ladder.restore();
    const { state } = ladder;
    await during(ladder);
    if (end === 'killed') return state;
    if (end === 'died while starting') recordFatal(events, 'start', new Error('a part failed'));
    if (end === 'died while running') recordFatal(events, 'run', fault('BOT-003', 'Too many failed cycles.'));
    if (end === 'venue unreachable') recordFatal(events, 'start', fault('VENUE-002', 'No route to host.'));
    if (end === 'account held') recordFatal(events, 'start', fault('STORE-005', 'Held by process 7.'));
    if (end === 'refused')
      recordFatal(events, 'start', fault('CFG-006', 'Nothing must be ordered without a preflight.'));
    latch.stop();
    return state;
  }

  async states(...ends: readonly End[]): Promise<SafetyState[]> {
    const states: SafetyState[] = [];
    for (const end of ends) {
      states.push(await this.live(end));
      this.wall += MINUTE;
    }
    return states;
  }
}

const resume = (ladder: DurableSafetyLadder): Promise<void> => ladder.loosen('NORMAL', 'looked at it', 'ada');

describe('a loop of crashes (PR-22)', () => {
  it.each(['killed', 'died while starting', 'died while running'] as const)(
    'that was %s three times within ten minutes comes up LOCKED, and says so',
    async (end) => {
      const lives = new Lives();
      expect(await lives.states(end, end, end, end)).toEqual(['NORMAL', 'NORMAL', 'NORMAL', 'LOCKED']);
      expect(lives.events.payloads('safety_state')).toEqual([
        { from: 'NORMAL', to: 'LOCKED', reason: 'crash_loop', actor: 'system' },
      ]);
      const said = lives.logger.lines.filter(({ level }) => level === 'error');
      expect(said).toMatchObject([{ message: expect.stringContaining('LOCKED'), fields: { fatal_starts: 3 } }]);
    },
  );

  it('is told of by the next start alone, however often and whenever, and a stop in order is not', async () => {
    const lives = new Lives();
    await lives.states('stopped', 'killed', 'died while starting', 'died while running', 'venue unreachable');
    lives.wall += 600 * MINUTE;
    await lives.states('killed', 'stopped', 'stopped');
    const killed = 'it was killed, or its machine failed';
    expect(lives.told).toEqual([
      ...[undefined, undefined, killed],
      ...['it failed', 'it failed', undefined, killed, undefined],
    ]);
  });

  it('counts deaths of every kind together, and only those', async () => {
    const lives = new Lives();
    const ends = ['killed', 'stopped', 'died while starting', 'venue unreachable', 'died while running'] as const;
    expect(await lives.states(...ends, 'stopped')).toEqual([...ends.map(() => 'NORMAL'), 'LOCKED']);
  });

  it('never locks for stops in order, or for a venue that cannot be reached', async () => {
    const lives = new Lives();
    const ends = Array.from({ length: 12 }, (_, n): End => (n % 2 === 0 ? 'stopped' : 'venue unreachable'));
    expect(new Set(await lives.states(...ends))).toEqual(new Set(['NORMAL']));
  });

  it('never locks for starts that were refused: a person sets right what is wrong, and nothing has died', async () => {
    const lives = new Lives();
    const ends = Array.from({ length: 12 }, (_, n): End => (n % 2 === 0 ? 'refused' : 'account held'));
    expect(new Set(await lives.states(...ends))).toEqual(new Set(['NORMAL']));
    expect(await lives.live('stopped')).toBe('NORMAL');
    expect(new Set(lives.told)).toEqual(new Set([undefined]));
  });

  it('forgets what is older than ten minutes, whichever way the clock was set', async () => {
    const lives = new Lives();
    await lives.states('killed', 'killed', 'killed');
    lives.wall += 8 * MINUTE;
    expect(await lives.live('stopped')).toBe('NORMAL');

    const setBack = new Lives();
    await setBack.states('killed', 'killed', 'killed');
    setBack.wall -= 9 * MINUTE;
    expect(await setBack.live('stopped')).toBe('LOCKED');
  });

  it('stays LOCKED over restarts, long after, until an operator resumes it; then counts anew', async () => {
    const lives = new Lives();
    await lives.states('killed', 'killed', 'killed', 'stopped');
    lives.wall += 600 * MINUTE;
    expect(await lives.live('stopped')).toBe('LOCKED');

    lives.wall += MINUTE;
    expect(await lives.live('stopped', resume)).toBe('LOCKED');
    expect(await lives.states('killed', 'killed', 'stopped', 'killed', 'stopped')).toEqual([
      ...['NORMAL', 'NORMAL', 'NORMAL', 'NORMAL'],
      'LOCKED',
    ]);
  });

  it('is over at once when it is resumed within the ten minutes; a death after that counts again', async () => {
    const lives = new Lives();
    await lives.states('killed', 'killed', 'killed');
    expect(await lives.live('killed', resume)).toBe('LOCKED');
    expect(await lives.states('killed', 'killed', 'stopped')).toEqual(['NORMAL', 'NORMAL', 'LOCKED']);
  });

  it("is not over when a person's halt takes the place of a flattening: nobody has let go", async () => {
    const lives = new Lives();
    await lives.live('killed', (ladder) => ladder.tighten('FLATTENING', 'leaving', 'ada'));
    await lives.live('killed', (ladder) => ladder.tighten('HALTED', 'no', 'ada'));
    expect(await lives.states('killed', 'stopped')).toEqual(['HALTED', 'LOCKED']);
  });

  it('says what the state was: a halt stays known as what was there before', async () => {
    const lives = new Lives();
    await lives.live('killed', (ladder) => ladder.tighten('HALTED', 'drill', 'ada'));
    expect(await lives.states('killed', 'killed', 'stopped')).toEqual(['HALTED', 'HALTED', 'LOCKED']);
    expect(lives.events.payloads('safety_state').at(-1)).toMatchObject({ from: 'HALTED', to: 'LOCKED' });
  });
});
