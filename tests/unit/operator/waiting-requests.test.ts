import { describe, expect, it } from '@jest/globals';
import { journalState } from '#src/operator/control/journal-state.js';
import { nextStart } from '#src/operator/control/next-start.js';
import { WaitingRequests } from '#src/operator/control/waiting-requests.js';
import type { SafetyState } from '#src/domain/safety.js';
import type { OperatorRequest } from '#src/ports/storage/operator-requests.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { settled } from '#src/testing/settled.js';
import { FakeEventStore } from '../../support/memory-event-store.js';

const NOW = Date.UTC(2026, 0, 2);
const HOUR = 3_600_000;

function desk(...waiting: OperatorRequest[]) {
  const events = new FakeEventStore();
  const did: string[] = [];
  const wanted = { journaled: true, agrees: true, differences: [] as string[], state: 'HALTED' as SafetyState };
  const host = { wall: NOW, monotonic: 0 };
  const left = new WaitingRequests({
    requests: {
      waiting: () => [...waiting],
      done: ({ id }) =>
        void waiting.splice(
          waiting.findIndex((request) => request.id === id),
          1,
        ),
    },
    ladder: {
      heed: () => void did.push('heed'),
      get state() {
        return wanted.state;
      },
    },
    events,
    clock: { wall: () => host.wall, monotonic: () => host.monotonic },
    logger: new RecordingLogger(),
    begin: (command) => (did.push(command), Promise.resolve(wanted.journaled)),
    letGoOn: (id, by, more) => (
      did.push(`let go ${id} ${by.actor} ${JSON.stringify(more['request'])}`),
      Promise.resolve()
    ),
    differences: () => Promise.resolve(wanted.differences),
    takeDirect: () => undefined,
    loosen: () => (did.push('resume'), wanted.agrees ? Promise.resolve() : Promise.reject(new Error('differs'))),
  });
  /** So much later, looked at every second. */
  const later = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 1_000) {
      host.wall += 1_000;
      host.monotonic += 1_000;
      left.takeUp();
      await settled();
    }
  };
  return { left, did, events, waiting, wanted, later };
}

const asked = (command: OperatorRequest['command'], hoursAgo: number): OperatorRequest => ({
  id: `${command}-${hoursAgo}`,
  command,
  actor: 'cli:ada',
  reason: 'x',
  at: NOW - hoursAgo * HOUR,
});

describe('requests that were left beside the journal', () => {
  it('that tighten are taken before the venue can be asked, one to resume only then, each once', async () => {
    const { left, did, waiting } = desk(asked('halt', 3), asked('resume', 2));
    left.takeUp();
    left.takeUp();
    await settled();
    expect([did, waiting.map(({ command }) => command)]).toEqual([['halt'], ['resume']]);
    left.honour();
    left.honour();
    await settled();
    expect([did, waiting]).toEqual([['halt', 'resume'], []]);
  });

  it('for one strategy are taken at once, neither overtaken by a halt nor taken for one', async () => {
    const strategy = { ...asked('strategy resume', 2), strategy: 'x@BTC-PERP' };
    const { left, did, waiting } = desk(strategy, asked('halt', 1), asked('resume', 0.5));
    left.takeUp();
    left.takeUp();
    await settled();
    expect(did).toEqual(['let go x@BTC-PERP cli:ada "strategy resume-2"', 'halt']);
    expect(waiting.map(({ command }) => command)).toEqual(['resume']);
    const stale = desk({ ...strategy, at: NOW - 25 * HOUR });
    stale.left.takeUp();
    await settled();
    expect([stale.did, stale.waiting]).toEqual([[], []]);
    expect(stale.events.payloads('operator_outcome')).toMatchObject([
      { command: 'strategy resume', strategy: 'x@BTC-PERP', outcome: 'too_old' },
    ]);
  });

  it.each([
    [23.9, ['resume']],
    [24.1, []],
    [-1, []],
  ])('to resume, %d hours old, have this effect: %j', async (hoursAgo, effect) => {
    const { left, did, waiting, events } = desk(asked('resume', hoursAgo));
    left.honour();
    await settled();
    expect([did, waiting]).toEqual([effect, []]);
    expect(events.payloads('operator_outcome').map(({ outcome }) => outcome)).toEqual(
      effect.length > 0 ? [] : ['too_old'],
    );
  });

  it('to resume wait for the first look at which bot and venue agree, and say so once', async () => {
    const { left, did, waiting, wanted, events, later } = desk(asked('resume', 1));
    wanted.differences = ['Position in BTC-PERP: 1 here, 2 at the venue.'];
    left.honour();
    await settled();
    await later(600_000);
    expect([did, waiting.length]).toEqual([[], 1]);
    wanted.differences = [];
    await later(61_000);
    expect([did, waiting]).toEqual([['resume'], []]);
    expect(events.payloads('operator_outcome').map(({ outcome }) => outcome)).toEqual(['waits']);
  });

  it('to resume wait for no longer than their day', async () => {
    const { left, did, waiting, wanted, events, later } = desk(asked('resume', 23.9));
    wanted.differences = ['The venue could not be asked.'];
    left.honour();
    await settled();
    await later(400_000);
    wanted.differences = [];
    await later(61_000);
    expect([did, waiting]).toEqual([[], []]);
    expect(events.payloads('operator_outcome').map(({ outcome }) => outcome)).toEqual(['waits', 'too_old']);
  });

  it('to resume lift nothing that came after they were looked into', async () => {
    const { left, did, waiting, wanted, events, later } = desk(asked('resume', 1));
    wanted.state = 'REDUCE_ONLY';
    wanted.differences = ['Order x is told differently by the venue.'];
    left.honour();
    await settled();
    wanted.state = 'HALTED';
    wanted.differences = [];
    await later(61_000);
    expect([did, waiting]).toEqual([[], []]);
    expect(events.payloads('operator_outcome').map(({ outcome }) => outcome)).toEqual(['waits', 'overtaken']);
  });

  it('to resume are used up by a refusal for another reason', async () => {
    const { left, did, waiting, wanted } = desk(asked('resume', 1));
    wanted.agrees = false;
    left.honour();
    await settled();
    left.honour();
    expect([did, waiting]).toEqual([['resume'], []]);
  });

  it('stay where they are until the journal has them', async () => {
    const { left, did, waiting, wanted } = desk(asked('halt', 1));
    wanted.journaled = false;
    left.takeUp();
    await settled();
    left.takeUp();
    expect([did, waiting.length]).toEqual([['halt'], 1]);
  });

  it('to resume are overtaken by a newer one that tightens, even where both were left', async () => {
    const { left, did, waiting, events } = desk(asked('resume', 3), asked('halt', 2));
    left.takeUp();
    left.honour();
    await settled();
    expect([did, waiting]).toEqual([['halt'], []]);
    expect(events.payloads('operator_outcome').map(({ outcome }) => outcome)).toEqual(['overtaken']);
  });
});

describe('the next start of a bot that does not run', () => {
  const journal = (state: SafetyState) => ({
    ...{ at: NOW, state, reason: 'old', actor: 'system', since: NOW, account: null },
    ...{ positions: [], orders: [], suspended: [], disabled: [] },
  });
  const start = (state: SafetyState | null, ...waiting: OperatorRequest[]) =>
    nextStart(state === null ? null : journal(state), waiting, NOW);

  it('is not resumed, and not kept from it, by a word about one strategy', () => {
    const strategy = { ...asked('strategy resume', 0), strategy: 'x' };
    expect(start('HALTED', strategy).resume).toBeNull();
    expect(start('HALTED', asked('resume', 1), strategy).resume).toMatchObject({ actor: 'cli:ada' });
  });

  it('begins in the state of the journal when nothing waits', () => {
    expect(start('REDUCE_ONLY')).toEqual({ state: 'REDUCE_ONLY', reason: 'old', actor: 'system', resume: null });
  });

  it('begins in the tightest state that was asked for, with the newest reason for it', () => {
    const newest = { ...asked('halt', 1), reason: 'start halted please' };
    const told = { state: 'HALTED', reason: 'start halted please', actor: 'cli:ada' };
    expect(start('NORMAL', asked('halt', 3), newest)).toMatchObject(told);
    expect(start('HALTED', newest, asked('reduce-only', 0.5))).toMatchObject(told);
    expect(start(null, newest)).toMatchObject(told);
    expect(start('FLATTENING', newest)).toMatchObject(told);
    expect(start('FLATTENING', asked('reduce-only', 1))).toMatchObject({ state: 'FLATTENING', reason: 'old' });
    expect(start('LOCKED', newest)).toMatchObject({ state: 'LOCKED', reason: 'old' });
  });

  it('resumes afterwards when that was asked for last, and says until when', () => {
    const resume = { actor: 'cli:ada', reason: 'x', lapsed: false, until: NOW + 23 * HOUR };
    expect(start('NORMAL', asked('halt', 3), asked('resume', 1))).toMatchObject({ state: 'HALTED', resume });
    expect(start('HALTED', asked('resume', 25))).toMatchObject({ state: 'HALTED', resume: { lapsed: true } });
    expect(start('NORMAL', asked('resume', 3), asked('halt', 1)).resume).toBeNull();
  });
});

describe('what a journal last knew of the cover of a position', () => {
  const order = (client_id: string, quantity: string, filled_quantity: string, more: object = {}) => ({
    ...{ client_id, symbol: 'BTC-PERP', side: 'sell', order_type: 'stop_market', reduce_only: true, status: 'open' },
    ...{ quantity, filled_quantity, ...more },
  });
  const entry = (client_id: string, filled: string) =>
    order(client_id, '10', filled, { side: 'buy', order_type: 'market', reduce_only: false });
  const stopSize = (...orders: ReturnType<typeof order>[]): string | undefined => {
    const events = new FakeEventStore();
    events.append('fill', { symbol: 'BTC-PERP', trade_id: 't', side: 'buy', quantity: '8' });
    for (const each of orders) events.append('order', each);
    return journalState(events).positions[0]?.stopSize;
  };

  it('counts what is left of a stop, and of one that sleeps what its entry has filled', () => {
    expect(stopSize(order('s', '10', '0'))).toBe('8');
    expect(stopSize(order('s', '6', '2', { status: 'partially_filled' }))).toBe('4');
    expect(stopSize(order('s', '6', '0', { status: 'unknown' }))).toBe('0');
    const asleep = order('s', '10', '0', { options: { after: 'e' } });
    expect(stopSize(entry('e', '0'), asleep)).toBe('0');
    expect(stopSize(entry('e', '3'), asleep)).toBe('3');
    expect(stopSize(entry('e', '10'), asleep)).toBe('8');
    expect(stopSize(asleep)).toBe('8');
    // One that closes the position has no size of its own.
    expect(stopSize(order('s', '0', '0', { options: { closePosition: true } }))).toBe('8');
  });
});

describe('a strategy that had entered too often without a person', () => {
  const ada = { actor: 'ada', reason: 'looked' };
  const disabled = ['strategy_disabled', { strategy: 'x', entries: 3, limit: 3 }] as const;

  it.each([
    ['is named', [], ['x']],
    [
      'is named still after the system has changed the state',
      [['safety_state', { to: 'HALTED', actor: 'system' }]],
      ['x'],
    ],
    ['is named still after another was let go on', [['strategy_rearmed', { ...ada, strategy: 'y' }]], ['x']],
    ['is not, once it was let go on', [['strategy_rearmed', { ...ada, strategy: 'x' }]], []],
    ['is not, once all were let go on', [['strategy_rearmed', { ...ada, strategy: null }]], []],
    ['is not, once a person has changed the state', [['safety_state', { ...ada, to: 'NORMAL' }]], []],
  ] as const)('%s of a bot that does not run', (_what, after, expected) => {
    const events = new FakeEventStore(() => NOW);
    for (const [type, payload] of [disabled, ...after]) events.append(type, payload);
    expect(journalState(events).disabled).toEqual(expected);
  });
});
