import { describe, expect, it } from '@jest/globals';
import type { AccountEvent } from '#src/ports/venue/account-event.js';
import type { Subscription } from '#src/ports/venue/subscription.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { Rig, settled } from './rig.js';

const HOUR_MS = 3_600_000;

/** How one stream ends, or keeps its bot busy. */
type Ending = (sink: (event: AccountEvent) => void) => Promise<void>;

const never = new Promise<void>(() => undefined);
const notice = (kind: 'gap' | 'stale' | 'reconnected' | 'closed'): AccountEvent => ({ kind, message: '', at: 0 });

/** Every way in which an opened account stream may ask to be opened or asked again. */
const ENDINGS: readonly (readonly [string, Ending])[] = [
  ['ends by itself', () => Promise.resolve()],
  ['breaks', () => Promise.reject(new Error('socket'))],
  ['cannot be opened', () => Promise.reject(new Error('refused'))],
  [
    'tells of a gap while it is opened',
    (sink) => {
      sink(notice('gap'));
      return never;
    },
  ],
  [
    'tells of a reconnection while it is opened, and ends',
    (sink) => {
      sink(notice('reconnected'));
      return Promise.resolve();
    },
  ],
];

class EndingBroker extends FakeBroker {
  opened = 0;
  asked = 0;
  askedAt: number[] = [];
  ending: Ending = () => never;
  refuses = false;
  sink: (event: AccountEvent) => void = () => undefined;

  override async openAccount(sink: (event: AccountEvent) => void): Promise<Subscription> {
    this.opened += 1;
    this.sink = sink;
    if (this.refuses && this.opened > 1) throw new Error('refused');
    const closed = this.ending(sink);
    await settled();
    return { closed, close: () => undefined };
  }
  override listFills(): ReturnType<FakeBroker['listFills']> {
    this.asked += 1;
    this.askedAt.push(this.scheduler.clock.now());
    return Promise.resolve({ items: [] });
  }
}

describe('an account stream that does not hold', () => {
  it.each(ENDINGS)('is opened and asked ever more rarely when it %s', async (name, ending) => {
    const broker = new EndingBroker();
    broker.refuses = name === 'cannot be opened';
    broker.ending = broker.refuses ? () => Promise.resolve() : ending;
    const rig = new Rig({ broker });
    await rig.start();
    for (let second = 0; second < 600; second += 1) await rig.scheduler.advance(1_000);
    // Ten minutes at the longest pause of 15 s, and the first few.
    expect(broker.opened).toBeLessThanOrEqual(46);
    expect(broker.asked).toBeLessThanOrEqual(48);
    await rig.stream.close();
    expect(rig.scheduler.pending).toBe(0);
  });

  it('asks ever more rarely when notices come without end', async () => {
    const broker = new EndingBroker();
    const rig = new Rig({ broker });
    await rig.start();
    for (let second = 0; second < 600; second += 1) {
      broker.sink(notice('gap'));
      await rig.scheduler.advance(1_000);
    }
    expect([broker.opened, broker.asked <= 48]).toEqual([1, true]);
  });

  it.each(ENDINGS)(
    'and what it missed is asked for every 1.5 s while a position is open, when it %s',
    async (name, ending) => {
      const broker = new EndingBroker();
      broker.refuses = name === 'cannot be opened';
      broker.ending = broker.refuses ? () => Promise.resolve() : ending;
      const { scheduler } = broker;
      const rig = new Rig({ broker, scheduler, clock: scheduler.clock });
      rig.hold(10);
      await rig.start();
      const from = rig.clock.now();
      for (let second = 0; second < 600; second += 1) {
        if (second % 3 === 0) broker.sink(notice('gap'));
        await rig.scheduler.advance(1_000);
        await settled();
      }
      expect(broker.opened).toBeLessThanOrEqual(46);
      for (let at = from; at < from + 590_000; at += 3_000)
        expect(broker.askedAt.some((asked) => asked >= at && asked <= at + 1_500)).toBe(true);
      expect(broker.asked).toBeLessThanOrEqual(402);
      await rig.stream.close();
    },
  );

  it('is opened again within a second when it breaks after it has held', async () => {
    const broker = new EndingBroker();
    const breaks: ((error: Error) => void)[] = [];
    broker.ending = () => new Promise<void>((_resolve, reject) => breaks.push(reject));
    const rig = new Rig({ broker });
    await rig.start();
    for (let round = 0; round < 4; round += 1) {
      await rig.scheduler.advance(HOUR_MS);
      breaks.at(-1)?.(new Error('socket'));
      await settled();
      await rig.scheduler.advance(1_000);
      await settled();
      expect(broker.opened).toBe(round + 2);
    }
  });
});

describe('an account stream that is not opened and not refused', () => {
  it('is asked for again, and closed at once where it comes after all', async () => {
    const broker = new EndingBroker();
    const rig = new Rig({ broker });
    await rig.start();
    const late: ((stream: Subscription) => void)[] = [];
    let shut = 0;
    broker.openAccount = () => {
      broker.opened += 1;
      return new Promise<Subscription>((resolve) => late.push(resolve));
    };
    rig.stream.accept(notice('gap'));
    await rig.stream.close();
    const opening = expect(rig.stream.open(new AbortController().signal)).rejects.toThrow('not open within');
    await settled();
    await rig.scheduler.advance(10_000);
    await opening;
    late[0]?.({ closed: never, close: () => (shut += 1) });
    await settled();
    expect([broker.opened, shut]).toEqual([2, 1]);
  });

  it('is opened in the end when it ended and the next opening hangs', async () => {
    const broker = new EndingBroker();
    const rig = new Rig({ broker });
    let end = (): void => undefined;
    broker.ending = () => new Promise<void>((resolve) => (end = resolve));
    await rig.start();
    const open = broker.openAccount.bind(broker);
    broker.openAccount = (sink) =>
      broker.opened === 1 ? ((broker.opened += 1), new Promise(() => undefined)) : open(sink);
    end();
    for (let second = 0; second < 60; second += 1) await rig.scheduler.advance(1_000);
    expect(broker.opened).toBe(3);
    expect(rig.stream.status()).toMatchObject({ stream_open: true });
  });
});

describe('a history whose pages do not end', () => {
  it.each([
    ['cursors a, b, a, b', 3, (n: number) => ({ items: [], next: n % 2 === 0 ? 'a' : 'b' })],
    ['the same cursor', 2, () => ({ items: [], next: 'a' })],
    ['ever new cursors and nothing else', 101, (n: number) => ({ items: [], next: `c${n}` })],
    [
      'ever new cursors and the same rows',
      102,
      (n: number, rig: Rig) => ({ items: [rig.fill('x', 1, 'a')], next: `c${n}` }),
    ],
    [
      'ever new cursors and two pages in turns',
      103,
      (n: number, rig: Rig) => ({ items: [rig.fill('x', 1, `a${n % 2}`)], next: `c${n}` }),
    ],
  ])('is given up with an error: %s, after %i', async (_what, most, page) => {
    const rig = new Rig();
    await rig.start();
    let asked = 0;
    rig.broker.listFills = () => Promise.resolve(page((asked += 1), rig));
    await expect(rig.stream.backfill()).rejects.toMatchObject({ code: 'VENUE-005' });
    expect(asked).toBe(most);
    rig.broker.listFills = () => Promise.resolve({ items: [] });
    expect(await rig.stream.backfill()).toBe(0);
  });

  it.each([null, ''])('ends where the venue says %j', async (next) => {
    const rig = new Rig();
    await rig.start();
    rig.broker.listFills = () => Promise.resolve({ items: [], next: next as never });
    expect(await rig.stream.backfill()).toBe(0);
  });

  it('is given up when it is not answered, and asked anew', async () => {
    const rig = new Rig();
    await rig.start();
    rig.broker.listFills = () => new Promise(() => undefined);
    const first = expect(rig.stream.backfill()).rejects.toThrow('not done within');
    await settled();
    await rig.scheduler.advance(60_000);
    await first;
    rig.broker.listFills = () => Promise.resolve({ items: [] });
    expect(await rig.stream.backfill()).toBe(0);
  });
});
