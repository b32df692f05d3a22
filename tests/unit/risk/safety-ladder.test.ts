import { describe, expect, it } from '@jest/globals';
import { PerpsBotError } from '#src/domain/errors.js';
import { NoOperatorRequests } from '#src/storage/memory/no-operator-requests.js';
import type { OperatorRequest } from '#src/ports/storage/operator-requests.js';
import type { SafetyChange } from '#src/ports/storage/safety-ladder.js';
import { DurableSafetyLadder } from '#src/services/risk/durable-safety-ladder.js';
import { ManualClock } from '#src/testing/manual-clock.js';
import { FakeConfigController, testConfig } from '../../support/config.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { FakeEventStore } from '../../support/memory-event-store.js';
import { agreed, settle } from './harness.js';

class SlowStore extends FakeEventStore {
  release: () => void = () => undefined;
  held = false;
  override async appendDurable(
    ...args: Parameters<FakeEventStore['appendDurable']>
  ): ReturnType<FakeEventStore['appendDurable']> {
    const event = await super.appendDurable(...args);
    if (this.held) await new Promise<void>((resolve) => (this.release = resolve));
    return event;
  }
}

function setUp(
  risk: { killSwitch?: boolean; reduceOnly?: boolean } = {},
  events = new SlowStore(),
  waiting: OperatorRequest[] = [],
) {
  const config = new FakeConfigController(testConfig({ risk }));
  const logger = new RecordingLogger();
  const ladder = new DurableSafetyLadder(config, events, new ManualClock(1_000), logger, {
    waiting: () => waiting,
    done: () => undefined,
  });
  ladder.reconcileBy(agreed);
  const setRisk = (change: { killSwitch?: boolean; reduceOnly?: boolean }): void => {
    const { current } = config;
    config.apply({ updated: { ...current, risk: { ...current.risk, ...change } }, diff: {} });
  };
  return { config, events, ladder, logger, setRisk };
}

const code = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'resolved',
    (error: unknown) => (PerpsBotError.is(error) ? error.code : error),
  );

describe('safety ladder', () => {
  it.each(['HALTED', 'FLATTENING', 'LOCKED'] as const)(
    'that a person lets go from %s comes to where the configuration holds it, and no further',
    async (state) => {
      const { ladder, events } = setUp({ reduceOnly: true });
      await ladder.tighten(state, 'drill');
      await ladder.loosen('NORMAL', 'looked at it', 'ada');
      expect(ladder.state).toBe('REDUCE_ONLY');
      expect(events.payloads('safety_state').at(-1)).toMatchObject({ from: state, to: 'REDUCE_ONLY', actor: 'ada' });
      expect(await code(ladder.loosen('NORMAL', 'more', 'ada'))).toBe('RISK-003');
      const killed = setUp({ killSwitch: true }).ladder;
      await killed.tighten(state, 'drill');
      expect(await code(killed.loosen('NORMAL', 'more', 'ada'))).toBe('RISK-003');
    },
  );

  it('tightens in memory at once and resolves when the record is on disk', async () => {
    const { ladder, events } = setUp();
    events.held = true;
    let acknowledged = false;
    const done = ladder.tighten('HALTED', 'drill').then(() => (acknowledged = true));
    expect(ladder.state).toBe('HALTED');
    expect(ladder.permits(true)).toBe(false);
    await settle();
    expect(acknowledged).toBe(false);
    events.release();
    await done;
    expect(events.payloads('safety_state')).toEqual([
      { from: 'NORMAL', to: 'HALTED', reason: 'drill', actor: 'system' },
    ]);
    expect([ladder.reason, ladder.since]).toEqual(['drill', 1_000]);
  });

  it('never loosens by tightening and writes no record when it is already as tight', async () => {
    const { ladder, events } = setUp();
    await ladder.tighten('HALTED', 'first');
    await ladder.tighten('REDUCE_ONLY', 'second');
    await ladder.tighten('HALTED', 'third');
    expect(ladder.state).toBe('HALTED');
    expect(events.payloads('safety_state')).toHaveLength(1);
  });

  it('tells the newest word of a person for the state that holds, after a restart too, and no word twice', async () => {
    const { ladder, events } = setUp();
    await ladder.tighten('HALTED', 'halt, no reason given', 'cli:ada');
    await ladder.tighten('HALTED', 'start halted please', 'cli:ada');
    await ladder.tighten('HALTED', 'start halted please', 'cli:ada');
    await ladder.tighten('REDUCE_ONLY', 'a weaker word', 'cli:bob');
    await ladder.tighten('HALTED', 'drawdown');
    expect(ladder.reason).toBe('start halted please');
    expect(events.payloads('safety_state').map(({ from, reason }) => [from, reason])).toEqual([
      ['NORMAL', 'halt, no reason given'],
      ['HALTED', 'start halted please'],
    ]);
    expect(events.payloads('reduce_only_mode_changed')).toHaveLength(2);
    const { ladder: restarted } = setUp({}, events);
    restarted.restore();
    expect([restarted.state, restarted.reason]).toEqual(['HALTED', 'start halted please']);
    await restarted.tighten('HALTED', 'start halted please', 'cli:ada');
    expect(events.payloads('safety_state')).toHaveLength(2);
  });

  it('heeds the newest of what waits beside the journal, and journals it once', () => {
    const events = new FakeEventStore();
    const left = (command: 'halt' | 'reduce-only', at: number) =>
      ({ id: `${at}`, command, actor: 'cli:ada', reason: `${command} ${at}`, at }) as const;
    const waiting = () => [left('halt', 1), left('halt', 2), left('reduce-only', 3)];
    const ladder = new DurableSafetyLadder(
      new FakeConfigController(testConfig({})),
      events,
      new ManualClock(1_000),
      new RecordingLogger(),
      { waiting, done: () => undefined },
    );
    for (let order = 0; order < 3; order += 1) expect(ladder.permits(false)).toBe(false);
    expect(events.payloads('safety_state').map(({ to, reason }) => [to, reason])).toEqual([['HALTED', 'halt 2']]);
  });

  it('stays tight when the record cannot be written, and writes it at the next call', async () => {
    const { ladder, events } = setUp();
    events.failure = new Error('disk full');
    await expect(ladder.tighten('REDUCE_ONLY', 'drawdown')).rejects.toThrow('disk full');
    expect(ladder.state).toBe('REDUCE_ONLY');
    events.failure = undefined;
    await ladder.tighten('REDUCE_ONLY', 'drawdown');
    expect(events.payloads('safety_state').map(({ to }) => to)).toEqual(['REDUCE_ONLY']);
  });

  it.each([
    ['system', 'all clear'],
    ['', 'all clear'],
    ['  ', 'all clear'],
    ['ada', ''],
    ['ada', '   '],
  ])('refuses to loosen for actor %j and reason %j', async (actor, reason) => {
    const { ladder } = setUp();
    await ladder.tighten('HALTED', 'drill');
    expect(await code(ladder.loosen('NORMAL', reason, actor))).toBe('RISK-003');
    expect(ladder.state).toBe('HALTED');
  });

  it('loosens for an operator with a reason, and only once that is on disk', async () => {
    const { ladder, events } = setUp();
    await ladder.tighten('HALTED', 'drill');
    events.held = true;
    const done = ladder.loosen('NORMAL', 'drill over', 'ada');
    await settle();
    expect(ladder.state).toBe('HALTED');
    events.release();
    await done;
    expect(ladder.state).toBe('NORMAL');
    expect(events.payloads('safety_state').at(-1)).toEqual({
      from: 'HALTED',
      to: 'NORMAL',
      reason: 'drill over',
      actor: 'ada',
    });
  });

  it('does not loosen when the record cannot be written', async () => {
    const { ladder, events } = setUp();
    await ladder.tighten('HALTED', 'drill');
    events.failure = new Error('disk full');
    await expect(ladder.loosen('NORMAL', 'over', 'ada')).rejects.toThrow('disk full');
    expect(ladder.state).toBe('HALTED');
  });

  it('lets tightening win over a loosening that is still on its way to disk', async () => {
    const { ladder, events, config } = setUp();
    await ladder.tighten('HALTED', 'drill');
    events.held = true;
    const loosening = code(ladder.loosen('NORMAL', 'over', 'ada'));
    await settle();
    const releaseLoosening = events.release;
    const tightening = ladder.tighten('REDUCE_ONLY', 'drawdown');
    await settle();
    events.release();
    releaseLoosening();
    await tightening;
    expect(await loosening).toBe('RISK-003');
    expect(ladder.state).toBe('HALTED');
    const restarted = new DurableSafetyLadder(
      config,
      events,
      new ManualClock(),
      new RecordingLogger(),
      new NoOperatorRequests(),
    );
    restarted.restore();
    expect(restarted.state).toBe('HALTED');
  });

  it('loosens only when the venue agrees, and lists what differs (OP-07, I-11)', async () => {
    const { ladder, events } = setUp();
    await ladder.tighten('HALTED', 'drill');
    const before = events.payloads('safety_state');
    ladder.reconcileBy(() => Promise.resolve(['Order a is told differently.', 'Position in B: 1 here, 2 there.']));
    await expect(ladder.loosen('NORMAL', 'over', 'ada')).rejects.toMatchObject({
      code: 'RISK-004',
      exitCode: 8,
      problems: [{ message: 'Order a is told differently.' }, { message: 'Position in B: 1 here, 2 there.' }],
    });
    expect([ladder.state, events.payloads('safety_state')]).toEqual(['HALTED', before]);
    ladder.reconcileBy(agreed);
    await ladder.loosen('NORMAL', 'over', 'ada');
    expect(ladder.state).toBe('NORMAL');
  });

  it('does not loosen when the venue was not asked, or could not be', async () => {
    const { config, events, ladder } = setUp();
    await ladder.tighten('HALTED', 'drill');
    ladder.reconcileBy(() => Promise.reject(new Error('no route')));
    await expect(ladder.loosen('NORMAL', 'over', 'ada')).rejects.toThrow('no route');
    const unasked = new DurableSafetyLadder(
      config,
      events,
      new ManualClock(),
      new RecordingLogger(),
      new NoOperatorRequests(),
    );
    unasked.restore();
    expect(await code(unasked.loosen('NORMAL', 'over', 'ada'))).toBe('RISK-004');
    expect([ladder.state, unasked.state]).toEqual(['HALTED', 'HALTED']);
  });

  it('stays tight when something tightens while the venue is asked, however tight it is already', async () => {
    const { ladder, events } = setUp();
    await ladder.tighten('HALTED', 'drill');
    let answer: (differences: readonly string[]) => void = () => undefined;
    ladder.reconcileBy(() => new Promise((resolve) => (answer = resolve)));
    const loosening = code(ladder.loosen('NORMAL', 'over', 'ada'));
    await ladder.tighten('HALTED', 'orphan_order');
    answer([]);
    expect(await loosening).toBe('RISK-003');
    expect(ladder.state).toBe('HALTED');
    expect(events.payloads('safety_state').some(({ to }) => to === 'NORMAL')).toBe(false);
  });

  it('restores the stored state, reason and time after a restart (B-48)', async () => {
    const { ladder, events, config } = setUp();
    await ladder.tighten('REDUCE_ONLY', 'max_drawdown');
    const restarted = new DurableSafetyLadder(
      config,
      events,
      new ManualClock(9_000),
      new RecordingLogger(),
      new NoOperatorRequests(),
    );
    expect(restarted.state).toBe('NORMAL');
    restarted.reconcileBy(agreed);
    restarted.restore();
    expect([restarted.state, restarted.reason]).toEqual(['REDUCE_ONLY', 'max_drawdown']);
    await restarted.loosen('NORMAL', 'equity is back', 'ada');
    const again = new DurableSafetyLadder(
      config,
      events,
      new ManualClock(),
      new RecordingLogger(),
      new NoOperatorRequests(),
    );
    again.restore();
    expect(again.state).toBe('NORMAL');
  });

  it.each([
    [{ killSwitch: true }, 'HALTED'],
    [{ reduceOnly: true }, 'REDUCE_ONLY'],
    [{ killSwitch: true, reduceOnly: true }, 'HALTED'],
  ])('takes the tightest of store and configuration: %j', async (flags, expected) => {
    const { ladder, events } = setUp(flags);
    ladder.restore();
    await settle();
    expect(ladder.state).toBe(expected);
    expect(events.payloads('safety_state').map(({ to }) => to)).toEqual([expected]);
    const stored = setUp(flags);
    await stored.ladder.tighten('LOCKED', 'liquidated');
    stored.ladder.restore();
    expect(stored.ladder.state).toBe('LOCKED');
  });

  it('refuses a journal whose safety record names no state', () => {
    const { ladder, events } = setUp();
    events.append('safety_state', { to: 'RELAXED' });
    expect(() => ladder.restore()).toThrow(expect.objectContaining({ code: 'STORE-001' }));
  });

  it('tightens when a flag is switched on while running and never loosens when it is switched off (B-78)', async () => {
    const { ladder, setRisk } = setUp();
    setRisk({ killSwitch: true });
    expect([ladder.state, ladder.permits(true)]).toEqual(['HALTED', false]);
    setRisk({ killSwitch: false });
    await settle();
    expect(ladder.state).toBe('HALTED');
  });

  it('does not loosen below a flag that is still set', async () => {
    const { ladder, setRisk } = setUp();
    setRisk({ reduceOnly: true });
    expect(await code(ladder.loosen('NORMAL', 'go', 'ada'))).toBe('RISK-003');
    setRisk({ reduceOnly: false });
    await ladder.loosen('NORMAL', 'go', 'ada');
    expect(ladder.state).toBe('NORMAL');
  });

  it('leaves exactly one reduce-only record for the engine and one for the bot at each change (B-12)', async () => {
    const { ladder, events, setRisk } = setUp();
    setRisk({ reduceOnly: true });
    await ladder.tighten('REDUCE_ONLY', 'again');
    await ladder.tighten('HALTED', 'worse');
    setRisk({ reduceOnly: false });
    await ladder.loosen('NORMAL', 'fine', 'ada');
    const records = events
      .query({ types: ['reduce_only_mode_changed'] })
      .map(({ botId, payload }) => [botId, payload['enabled'], payload['reason'], payload['timestamp']]);
    expect(records).toEqual([
      ['risk_engine', true, 'configuration: risk.reduceOnly', 1_000],
      ['perps-bot', true, 'configuration: risk.reduceOnly', 1_000],
      ['risk_engine', false, 'fine', 1_000],
      ['perps-bot', false, 'fine', 1_000],
    ]);
  });

  it.each(['command', 'request', 'switch'] as const)(
    "a person's halt stops a flattening, by %s; the bot's own does not; a restart holds it",
    async (door) => {
      const waiting: OperatorRequest[] = [];
      const { ladder, events, setRisk } = setUp({}, new SlowStore(), waiting);
      await ladder.tighten('FLATTENING', 'leaving', 'ada');
      await ladder.tighten('HALTED', 'journal_lost');
      await ladder.tighten('REDUCE_ONLY', 'slowly', 'bob');
      setRisk({ reduceOnly: true });
      expect([ladder.state, ladder.permits(true)]).toEqual(['FLATTENING', true]);
      if (door === 'command') await ladder.tighten('HALTED', 'no', 'bob');
      if (door === 'request') waiting.push({ id: '1', command: 'halt', actor: 'bob', reason: 'no', at: 1 });
      if (door === 'switch') setRisk({ killSwitch: true });
      expect([ladder.permits(true), ladder.state]).toEqual([false, 'HALTED']);
      const [reason, actor] = door === 'switch' ? ['configuration: risk.killSwitch', 'system'] : ['no', 'bob'];
      expect(events.payloads('safety_state').at(-1)).toEqual({ from: 'FLATTENING', to: 'HALTED', reason, actor });
      const { ladder: next } = setUp({ killSwitch: door === 'switch' }, events);
      next.restore();
      expect([next.state, next.reason]).toEqual(['HALTED', reason]);
      await ladder.tighten('FLATTENING', 'leaving', 'ada');
      setRisk({});
      expect(ladder.state).toBe('FLATTENING');
    },
  );

  it('tells its listeners of every change until they leave, and survives one that throws', async () => {
    const { ladder, logger } = setUp();
    const seen: SafetyChange[] = [];
    ladder.onChange(() => {
      throw new Error('listener');
    });
    const leave = ladder.onChange((change) => seen.push(change));
    await ladder.tighten('REDUCE_ONLY', 'a', 'guards');
    leave();
    await ladder.tighten('HALTED', 'b');
    expect(seen).toEqual([{ from: 'NORMAL', to: 'REDUCE_ONLY', reason: 'a', actor: 'guards', at: 1_000 }]);
    expect(logger.at('error')).toHaveLength(2);
  });

  it.each([
    ['NORMAL', true, true],
    ['REDUCE_ONLY', false, true],
    ['HALTED', false, false],
    ['FLATTENING', false, true],
    ['LOCKED', false, false],
  ] as const)('in %s permits opening %s and reducing %s', async (state, opening, reducing) => {
    const { ladder } = setUp();
    await ladder.tighten(state, 'test');
    expect([ladder.permits(false), ladder.permits(true)]).toEqual([opening, reducing]);
  });
});
