import { describe, expect, it } from '@jest/globals';
import {
  absentText,
  flattenText,
  notConfirmed,
  planText,
  resumedText,
  silentText,
  statusText,
  tightenText,
} from '#src/cli/text/control-text.js';
import { whereOf } from '#src/cli/text/where.js';
import { UNASKED_ORDERS, type BotStatus, type FlattenReport } from '#src/ports/core-services/operator-control.js';

const status: BotStatus = {
  state: 'NORMAL',
  reason: null,
  actor: null,
  since: null,
  account: 'demo',
  venue: 'simulated',
  world: 'paper',
  profile: 'demo',
  positionsKnown: true,
  positions: [],
  orders: [],
  withdrawing: null,
  flattening: null,
};
const flat: FlattenReport = {
  hash: 'a1',
  by: { actor: 'ada', reason: 'leaving' },
  flat: true,
  running: false,
  taken: [{ symbol: 'BTC-PERP', side: 'sell', size: '0.01', averagePrice: '49990.5' }],
  remaining: [],
  mayBeLive: [],
  kept: [],
  note: null,
};
const next = { state: null, reason: null, actor: null, resume: null };
const absent = { bot: 'absent', beat: null, known: null, taken: 'not sent', left: null, waiting: [], next } as const;
const step = { symbol: 'BTC-PERP', side: 'sell', size: '1', markPrice: '100', worstPrice: '99' } as const;

describe('what is said of a bot', () => {
  const where = whereOf('/var/bots/second');
  const texts = {
    status: statusText(status, where),
    tightened: tightenText(
      { state: 'HALTED', withdrawal: { done: true, cancelled: [], mayBeLive: [], rounds: 1 }, positions: [], kept: [] },
      where,
    ),
    plan: planText({ hash: 'a1', steps: [step], maxSlippageBps: 50 }, where),
    'empty plan': planText({ hash: 'a1', steps: [], maxSlippageBps: 50 }, where),
    flat: flattenText(flat, where),
    'not flat': flattenText({ ...flat, flat: false }, where),
    absent: absentText(absent, 'halt', where),
  };

  it('says at what price a position was taken off', () => {
    expect(texts.flat).toMatch(/^ *Taken off +BTC-PERP sell 0\.01 at 49990\.5 on the average/m);
  });

  it('names a strategy that enters no more, and who lets it', () => {
    expect(statusText({ ...status, disabled: ['dips'] }, where)).toMatch(
      /^ +Disabled +dips enters no more: .*; perpsbot resume re-arms it$/m,
    );
  });

  it.each(Object.entries(texts))('names the directory it spoke to: %s', (_, text) => {
    expect(text).toMatch(/^ *State +--state \/var\/bots\/second$/m);
  });

  it.each(Object.entries(texts))('sends nobody to another bot by what comes next: %s', (_, text) => {
    const commands = text.match(/perpsbot (?:status|halt|resume|flatten)\b[^·\n]*/g) ?? [];
    expect(commands.filter((command) => !command.includes('--state /var/bots/second'))).toEqual([]);
  });

  it.each([
    ['the newest of this process has ended', { ...flat, flat: false, note: 'stopped by halt of bob: no' }],
    ['the bot was started in that state', null],
  ])('says that nothing is being taken off in FLATTENING when %s', (_, flattening) => {
    const text = statusText({ ...status, state: 'FLATTENING', flattening }, where);
    expect(text).toMatch(
      /^ *Flatten +nothing is being taken off: a new flatten begins again, a resume lets it trade$/m,
    );
    const running = statusText({ ...status, state: 'FLATTENING', flattening: { ...flat, running: true } }, where);
    expect(running).not.toContain('nothing is being taken off');
    const stored = { ...next, state: 'FLATTENING', reason: 'x', actor: 'ada' };
    expect(absentText({ ...absent, next: stored }, 'status', where)).toContain(
      'begins FLATTENING by ada: x; it takes nothing off until a new flatten',
    );
  });

  it('says that the venue is not reached, since when and why, and how old a mark is', () => {
    const at = Date.UTC(2026, 0, 1, 0, 2);
    const held = {
      symbol: 'BTC-PERP',
      side: 'long',
      size: '1',
      entryPrice: '90',
      markPrice: '100',
      stopSize: '1',
    } as const;
    const reach = { answeredAt: at, silentSince: null, why: null, streamDownSince: null };
    const well = statusText({ ...status, at, reach, positions: [{ ...held, markAt: at - 2_000 }] }, where);
    expect(well).not.toMatch(/Venue|old|DOWN/);
    const gone = { answeredAt: at - 61_000, silentSince: at - 60_000, why: 'no answer', streamDownSince: at - 50_000 };
    const text = statusText({ ...status, at, reach: gone, positions: [{ ...held, markAt: at - 90_000 }] }, where);
    expect(text).toMatch(/^ *Venue +NOT REACHED since 2026-01-01T00:01:00.000Z: .*last was .*, 61 s ago; no answer$/m);
    expect(text).toMatch(/^ *Venue +its stream of the account is DOWN since .*, 50 s ago/m);
    expect(text).toContain('mark 100, 90 s old');
  });

  it('counts orders, and no words, and names an order by what is known of it', () => {
    expect(notConfirmed(['a', 'b'])).toBe('NOT CONFIRMED: 2 orders (a, b) may be live');
    expect(notConfirmed([UNASKED_ORDERS])).toBe(`NOT CONFIRMED: ${UNASKED_ORDERS} may be live`);
    expect(notConfirmed(['a', UNASKED_ORDERS])).toBe(`NOT CONFIRMED: 1 order (a), and ${UNASKED_ORDERS} may be live`);
    expect(notConfirmed([])).toContain('the venue is asked once more');
    const lost = {
      clientId: 'x',
      symbol: 'B',
      side: 'buy',
      type: 'limit',
      size: '1',
      filled: '0',
      price: '1',
    } as const;
    const order = { ...lost, stopPrice: null, reduceOnly: false, protects: false, status: 'unknown' } as const;
    expect(statusText({ ...status, orders: [order] }, where)).toContain(
      'OUTCOME NOT KNOWN: it may be live, or filled, x',
    );
  });

  it('says how far a resume has come', () => {
    expect(resumedText({ ...status, was: 'HALTED' })).toBe('Resumed.');
    expect(resumedText({ ...status, was: 'HALTED', cycleMs: 60_000 })).toBe(
      'Resumed. It decides again with its next cycle, within 60 s.',
    );
    expect(resumedText({ ...status, was: 'FLATTENING', state: 'REDUCE_ONLY' })).toContain('REDUCE_ONLY');
  });

  it('of a bot that hangs, names the way past it', () => {
    const silent = { ...absent, bot: 'silent', holder: 'process 7', pid: 7, cause: 'no answer' } as const;
    for (const command of ['status', 'halt', 'reduce-only', 'flatten', 'resume'] as const) {
      const text = silentText(silent, command, where);
      expect(text).toContain('perpsbot halt --state /var/bots/second --direct');
      expect(text).toContain('perpsbot flatten --state /var/bots/second --direct');
    }
  });

  it('calls a stop that stands no order that may be live', () => {
    const terms = {
      symbol: 'BTC-PERP',
      side: 'sell',
      type: 'stop_market',
      size: '1',
      filled: '0',
      price: null,
    } as const;
    const stop = {
      ...terms,
      clientId: 's',
      stopPrice: '90',
      reduceOnly: true,
      protects: true,
      status: 'open',
    } as const;
    const text = flattenText({ ...flat, flat: false, note: 'stopped by halt of bob: no', kept: [stop] }, where);
    expect(text).toMatch(/NOT FLAT[^]*stop 90, open, s, stands as it should\n.*stopped by halt of bob: no/);
    expect(text).not.toContain('NOT CONFIRMED');
  });

  it('offers to resume after what has tightened, and where nothing has, what would', () => {
    const next = (report: FlattenReport): string | undefined => /^ *Next +(.*)$/m.exec(flattenText(report, where))?.[1];
    expect(next(flat)).toContain('perpsbot resume');
    const asItWas = next({ ...flat, hasTightened: false });
    expect(asItWas).toContain('perpsbot halt');
    expect(asItWas).not.toContain('resume');
  });

  it('says to whoever gives a plan again that it was carried out once, and whose reason stands', () => {
    const already = 'carried out already, once, as ada asked: leaving';
    expect(flattenText(flat, where, 'again')).toContain(already);
    for (const asked of [undefined, 'leaving']) expect(flattenText(flat, where, asked)).not.toContain('already');
  });

  const held = {
    symbol: 'BTC-PERP',
    side: 'long',
    size: '1',
    entryPrice: '90',
    markPrice: '95',
    stopSize: '0',
  } as const;
  const withdrawal = { done: true, cancelled: [], mayBeLive: [], rounds: 1 };

  it('says that nobody closes what has no stop while it is halted, and how it is closed', () => {
    const text = tightenText({ state: 'HALTED', was: 'NORMAL', withdrawal, positions: [held], kept: [] }, where);
    expect(text).toMatch(/^ +Alone +nobody closes BTC-PERP until resume or flatten/m);
    expect(text).toMatch(/^ +Next +perpsbot flatten --state \/var\/bots\/second · /m);
    const covered = { state: 'HALTED', withdrawal, positions: [{ ...held, stopSize: '1' }], kept: [] } as const;
    expect(tightenText(covered, where)).not.toContain('Alone');
    const reducing = { state: 'REDUCE_ONLY', withdrawal, positions: [held], kept: [] } as const;
    expect(tightenText(reducing, where)).not.toContain('Alone');
  });

  it('calls nothing new that was so before', () => {
    const report = { state: 'FLATTENING', withdrawal, positions: [], kept: [] } as const;
    expect(tightenText({ ...report, was: 'FLATTENING' }, where)).toContain('stays FLATTENING, as it was before');
    expect(tightenText({ ...report, was: 'NORMAL' }, where)).toContain('FLATTENING, from now on');
    expect(resumedText({ ...status, was: 'NORMAL' })).toMatch(/nothing was held back/);
    expect(resumedText({ ...status, was: 'HALTED' })).toBe('Resumed.');
    expect(resumedText({ ...status, was: 'HALTED', cycleMs: 60_000 })).toBe(
      'Resumed. It decides again with its next cycle, within 60 s.',
    );
    expect(resumedText(status)).toBe('Resumed.');
  });

  it('names the process to end, and the time that its instants are of', () => {
    const text = statusText({ ...status, at: Date.UTC(2026, 0, 2) }, where, 4711);
    expect(text).toMatch(/^ +Process +4711; Ctrl-C, or kill 4711, ends it in order$/m);
    expect(text).toMatch(/^ +As of +2026-01-02T00:00:00.000Z, by the market's time$/m);
  });

  it('says what is taken back by what tightens, and that nothing waits where nothing is held', () => {
    const asked = { id: '1', command: 'resume', actor: 'ada', reason: 'checked', at: 5 } as const;
    const left = { id: '2', command: 'reduce-only', actor: 'bob', reason: 'no', at: 9 } as const;
    const text = absentText({ ...absent, left, waiting: [asked, left] }, 'reduce-only', where);
    expect(text).toMatch(/^ +Taken back +resume by ada: checked$/m);
    expect(absentText(absent, 'resume', where)).toMatch(/^ +Command +nothing is left: nothing holds the next start$/m);
  });

  it('repeats the slippage that the plan is named by', () => {
    expect(texts.plan).toContain(
      'perpsbot flatten --state /var/bots/second --yes-plan a1 --max-slippage 50 --reason "…"',
    );
  });

  it.each([
    ['/var/a b', "--state '/var/a b'"],
    ["/it's", String.raw`--state '/it'\''s'`],
    ['$(reboot)', "--state '$(reboot)'"],
    ['./var/data-1/x_y', '--state ./var/data-1/x_y'],
  ])('writes %s as a shell takes it', (directory, written) => {
    expect(whereOf(directory)).toBe(written);
  });
});
