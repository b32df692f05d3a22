import { afterEach, describe, expect, it } from '@jest/globals';
import { lots, ticks } from '#src/domain/units.js';
import type { AnswerOf } from '#src/testing/answers.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import type { Submission } from '#src/ports/core-services/execution.js';
import { ExecutionCoordinator, OrderLog } from '#src/ports/core-services/execution.js';
import type { Capabilities } from '#src/ports/venue/capabilities.js';
import { GuardedBot, STOP, SYMBOL } from './guarded-bot.js';

const BRACKETS: Partial<Capabilities> = { brackets: true, batch: { place: 5, cancel: 10 } };
let bot: GuardedBot;
afterEach(() => bot.made.stop());

/** A bot whose next entry has a stop planned, on a venue with brackets and batches. */
async function made(change: Partial<Capabilities> = BRACKETS, config: object = {}): Promise<GuardedBot> {
  const broker = new FakeBroker();
  broker.capabilities = { ...broker.capabilities, ...change };
  bot = await new GuardedBot({ broker, config }).open();
  bot.named.planned = STOP;
  bot.named.stop = undefined;
  return bot;
}

const rest = (price = 499_000, size = 10): Submission =>
  bot.made.bot.executeDecision(SYMBOL, {
    action: 'buy',
    reason: 'test',
    quantity: lots(size),
    orderType: 'limit',
    limit: ticks(price),
    timeInForce: 'GTC',
  });
/** Parcels, and the orders in them. */
const sent = (): readonly number[] => {
  const called = bot.broker.called();
  return (['placeOrders', 'placeOrder'] as const).map((member) => called.filter((each) => each === member).length);
};
/** Entry and stop, as the bot knows them. */
const known = (): readonly string[] => [...bot.made.get(OrderLog).all()].map(({ status }) => status);
const reasons = (): readonly string[] =>
  [...bot.made.get(OrderLog).all()].map(({ reason = '' }) => reason.split(':')[0] ?? '');
/** Answers of the two orders of one parcel. */
const answer = (entry: AnswerOf<'placeOrder'>, stop: AnswerOf<'placeOrder'>): FakeBroker =>
  bot.broker.next('placeOrder', entry).next('placeOrder', stop);

describe('an entry and the stop that sleeps behind it', () => {
  it.each([
    ['that rests', 499_000],
    ['that takes', 501_000],
  ])('leave in one request: one %s', async (_, price) => {
    await made();
    rest(price);
    await bot.made.advance(0);
    expect(sent()).toEqual([1, 2]);
    const [entry, stop] = bot.broker.placed;
    expect([stop?.options?.after, stop?.lots, known()]).toEqual([entry?.clientId, 10, ['open', 'open']]);
  });

  it.each(['before the venue has answered', 'afterwards'])('have a stop planned anew, asked %s', async (when) => {
    await made({ ...BRACKETS, amend: 'in_place', amendTriggers: true });
    const submission = rest();
    if (when === 'afterwards') await bot.made.advance(0);
    bot.named.planned = ticks(495_000);
    const clientId = submission.outcome === 'submitted' ? submission.clientId : '';
    const { amend } = bot.made.get(ExecutionCoordinator);
    expect(amend?.call(bot.made.get(ExecutionCoordinator), clientId, { lots: lots(10) }, 0).outcome).toBe(
      when === 'afterwards' ? 'unchanged' : 'queued',
    );
    await bot.made.advance(0);
    expect([...bot.made.get(OrderLog).all()].map(({ request: { stop } }) => stop)).toEqual([undefined, 495_000]);
  });

  it('leave in one request when the entry has waited for another in its lane', async () => {
    await made();
    answer({ delayMs: 500 }, {});
    rest();
    await bot.made.advance(0);
    await bot.made.advance(100);
    rest(498_000, 5);
    await bot.made.advance(0);
    await bot.made.advance(300);
    expect(bot.broker.placed).toHaveLength(2);
    await bot.made.advance(200);
    expect(sent()).toEqual([2, 4]);
    expect(bot.broker.placed.map(({ lots: size }) => size)).toEqual([10, 10, 5, 5]);
  });

  it('are withdrawn both where the venue refuses the stop and keeps the entry', async () => {
    await made();
    answer({}, { refuse: 'other' });
    rest();
    await bot.made.advance(0);
    await bot.made.advance(1_000);
    expect(known()).toEqual(['cancelled', 'rejected']);
    expect(bot.broker.placed).toHaveLength(2);
  });

  it('are withdrawn both where the venue refuses the entry and keeps the stop', async () => {
    await made();
    answer({ refuse: 'other' }, {});
    rest();
    await bot.made.advance(1_000);
    expect(known()).toEqual(['rejected', 'cancelled']);
  });

  it('are so beside a position, too, whose stop stays', async () => {
    await made();
    bot.named.stop = STOP;
    bot.named.planned = undefined;
    await bot.enter();
    bot.named.planned = STOP;
    answer({ refuse: 'other' }, {});
    await bot.made.advance(1);
    rest();
    await bot.made.advance(1_000);
    expect([bot.covered, bot.standing.map(({ options }) => options?.after)]).toEqual([10, [undefined]]);
  });

  it('that takes is covered by another at once where the venue refuses the stop', async () => {
    await made();
    bot.named.stop = STOP;
    answer({ fill: 'all' }, { refuse: 'other' });
    rest(501_000);
    await bot.made.advance(1_000);
    expect(bot.covered).toBe(10);
  });

  it('whose stop nobody has answered is asked about, and the entry withdrawn once it is proven never to have come', async () => {
    await made();
    answer({}, { lost: 'request' });
    rest();
    await bot.made.advance(0);
    expect(known()).toEqual(['open', 'unknown']);
    await bot.made.advance(30_000);
    expect(known()).toEqual(['cancelled', 'lost']);
  });

  it('whose stop has come all the same stays', async () => {
    await made();
    answer({}, { lost: 'answer' });
    rest();
    await bot.made.advance(0);
    await bot.made.advance(30_000);
    expect(known()).toEqual(['open', 'open']);
  });

  it('that never came takes its stop along', async () => {
    await made();
    answer({ lost: 'request' }, {});
    rest();
    await bot.made.advance(0);
    await bot.made.advance(30_000);
    expect(known()).toEqual(['lost', 'cancelled']);
  });

  it('whose parcel nobody has answered are both known in the end', async () => {
    await made();
    bot.broker.next('placeOrders', { throws: new Error('line broke') });
    rest();
    await bot.made.advance(0);
    await bot.made.advance(30_000);
    expect(known()).toEqual(['lost', 'lost']);
  });

  it('does not leave where the stop cannot', async () => {
    await made();
    // Above the market: refused here, before anything is sent.
    bot.named.planned = ticks(-1);
    rest();
    await bot.made.advance(1_000);
    expect([bot.broker.placed, reasons()]).toEqual([[], ['withdrawn']]);
    expect(bot.events.query({ types: ['entry_uncovered'] })).toHaveLength(1);
  });

  it('asks the venue what it would do with the entry alone: it cannot know what follows it', async () => {
    await made({ ...BRACKETS, preview: true }, { execution: { previewOrders: true, previewFailClosed: true } });
    rest();
    await bot.made.advance(0);
    expect(bot.broker.called().filter((member) => member === 'previewOrder')).toHaveLength(1);
    expect(known()).toEqual(['open', 'open']);
  });
});

describe('a venue that takes one order a request', () => {
  it('lets no entry rest whose stop would come after it', async () => {
    await made({ brackets: true });
    expect(rest()).toMatchObject({ outcome: 'refused', check: 'unprotected' });
    expect(sent()).toEqual([0, 0]);
  });

  it('is sent an entry that takes, and its stop once that is answered', async () => {
    await made({ brackets: true });
    bot.decide('buy', 10);
    await bot.made.advance(0);
    expect(bot.broker.placed.map(({ options }) => options?.after)).toEqual([undefined, bot.broker.placed[0]?.clientId]);
  });
});
