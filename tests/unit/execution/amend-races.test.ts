import { describe, expect, it } from '@jest/globals';
import { isTerminal } from '#src/domain/order-state.js';
import type { OrderChange } from '#src/domain/order.js';
import { lots, ticks } from '#src/domain/units.js';
import type { AmendNews } from '#src/ports/core-services/execution.js';
import type { AccountEvent } from '#src/ports/venue/account-event.js';
import type { OrderAmendment } from '#src/ports/venue/order-amendment.js';
import type { AmendResult } from '#src/ports/venue/submit-result.js';
import type { VenueOrder } from '#src/ports/venue/venue-order.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { Rig, settled, SYMBOL, T0 } from './rig.js';

const WHOLE = 10;

/** What happens at the venue; in small letters, when the bot hears of it. */
type Happening = 'Amend' | 'Part' | 'Rest' | 'End';
type Token = Happening | Lowercase<Happening>;

/** Every order of what happens, each heard of at some time after it has. */
function interleavings(happenings: readonly Happening[]): Token[][] {
  const found: Token[][] = [];
  const go = (done: readonly Token[]): void => {
    let isWhole = true;
    for (const happening of happenings) {
      const heard = happening.toLowerCase() as Lowercase<Happening>;
      if (done.includes(heard)) continue;
      isWhole = false;
      go([...done, done.includes(happening) ? heard : happening]);
    }
    if (isWhole) found.push([...done]);
  };
  go([]);
  return found;
}

/** One buy of ten at a venue that does what it is told to, when it is told to, and keeps what it would say. */
class Race {
  readonly news: AmendNews[] = [];
  readonly rig: Rig;
  clientId = '';
  private asked: OrderAmendment | undefined;
  private answer: (result: AmendResult) => void = () => undefined;
  private result: AmendResult | undefined;
  private readonly untold = new Map<string, AccountEvent>();

  constructor(
    private readonly change: OrderChange,
    private readonly isLost: boolean,
  ) {
    this.rig = new Rig({ broker: new FakeBroker({ capabilities: { amend: 'in_place' } }) });
    this.rig.gateway.onAmended((news) => this.news.push(news));
    this.rig.broker.always('amendOrder', {
      reply: (asked) => {
        this.asked = asked;
        return new Promise((resolve) => (this.answer = resolve));
      },
    });
  }

  async begin(): Promise<void> {
    const { rig } = this;
    await rig.start();
    const placed = rig.live.place(rig.intent({ type: 'limit', limit: ticks(490_000), lots: lots(WHOLE) }), T0);
    await settled();
    this.clientId = placed.outcome === 'submitted' ? placed.clientId : '';
    expect(rig.live.amend(this.clientId, this.change, T0)).toEqual({ outcome: 'asked' });
    await settled();
  }

  get venue(): VenueOrder {
    return this.rig.broker.account.orders.get(this.clientId) as VenueOrder;
  }

  get filledThere(): number {
    return this.rig.instrument.toLots(this.venue.filled);
  }

  get openThere(): number {
    return isTerminal(this.venue.report.status) ? 0 : this.rig.instrument.toLots(this.venue.size) - this.filledThere;
  }

  play(token: Token): void {
    if (token === 'Amend') this.amend();
    else if (token === 'Part') this.fill(token, 4);
    else if (token === 'Rest') this.fill(token, this.openThere);
    else if (token === 'End') this.end('End', 'cancelled');
    else if (token === 'amend') this.answer(this.isLost ? this.unknown() : (this.result ?? this.unknown()));
    else {
      const told = this.untold.get(token);
      if (told !== undefined) this.rig.broker.push(told);
    }
  }

  /** Time goes by, and whatever is in doubt is asked for. */
  async calm(): Promise<void> {
    for (let turn = 0; turn < 4 && this.rig.log.open().some(({ changing }) => changing !== undefined); turn += 1) {
      this.rig.clock.advance(30_000);
      await this.rig.gateway.resolveUnknown(this.rig.clock.now());
    }
    await this.rig.reconciler.reconcile();
    await settled();
  }

  private amend(): void {
    const at = this.rig.clock.now();
    const asked = this.asked as OrderAmendment;
    if (isTerminal(this.venue.report.status)) {
      this.result = { outcome: 'rejected', reason: 'other', message: 'it is not open', at };
    } else if (asked.lots !== undefined && asked.lots <= this.filledThere) {
      this.end('Amend', 'cancelled');
      this.result = { outcome: 'ended', ref: asked.ref, report: this.venue.report };
    } else {
      this.result = { outcome: 'accepted', venueId: this.rig.broker.account.amend(asked), at };
    }
  }

  private fill(token: Happening, size: number): void {
    if (isTerminal(this.venue.report.status) || size <= 0) return;
    const part = { size: this.rig.instrument.size(lots(Math.min(size, this.openThere))), price: 49_000 };
    const fill = this.rig.broker.account.fill(this.clientId, part, false);
    this.untold.set(token.toLowerCase(), { kind: 'fill', fill });
  }

  private end(token: Happening, status: 'cancelled'): void {
    if (isTerminal(this.venue.report.status)) return;
    const report = { status, at: this.rig.clock.now(), venueId: this.venue.venueId };
    this.rig.broker.account.orders.set(this.clientId, { ...this.venue, report });
    const { clientId } = this;
    this.untold.set(token.toLowerCase(), {
      kind: 'order',
      clientId,
      symbol: SYMBOL,
      report,
      filled: lots(this.filledThere),
    });
  }

  private unknown(): AmendResult {
    return { outcome: 'unknown', ref: { clientId: this.clientId, symbol: SYMBOL }, cause: 'lost' };
  }
}

type Row = readonly [string, OrderChange];
const CHANGES: readonly Row[] = [
  ['more', { lots: lots(15) }],
  ['less', { lots: lots(6), limit: ticks(491_000) }],
  ['less than may have filled', { lots: lots(3) }],
  ['another price', { limit: ticks(489_000) }],
];

async function run(race: Race, tokens: readonly Token[], most: number): Promise<void> {
  await race.begin();
  const { rig } = race;
  for (const token of tokens) {
    race.play(token);
    await settled();
    const held = rig.portfolio.position(rig.instrument).lots;
    const reserved = rig.openOrders.buying(SYMBOL);
    const isSound = held + reserved <= most && held + reserved >= race.filledThere + race.openThere;
    if (!isSound) throw new Error(`${tokens.join(' ')} at ${token}: ${held} + ${reserved}`);
  }
  await race.calm();
}

function expectTheVenuesTruth(race: Race, tokens: readonly Token[], change: OrderChange): void {
  const { rig, venue, news } = race;
  const order = rig.log.find(race.clientId);
  const all = tokens.join(' ');
  expect([all, order?.changing, rig.ladder.state, rig.log.open().length]).toEqual([
    ...[all, undefined, 'NORMAL'],
    isTerminal(venue.report.status) ? 0 : 1,
  ]);
  expect([all, order?.filled, order?.status]).toEqual([all, race.filledThere, venue.report.status]);
  expect([all, rig.openOrders.buying(SYMBOL)]).toEqual([all, race.openThere]);
  const last = news.findLast(({ outcome }) => outcome !== 'unknown');
  const isChanged = venue.size.eq(rig.instrument.size(change.lots ?? lots(WHOLE))) && isPriced(race, change);
  if (last?.outcome === 'amended') {
    expect([all, isChanged]).toEqual([all, true]);
    expect(order?.request.lots).toBe(rig.instrument.toLots(venue.size));
  } else expect([all, isChanged && !isTerminal(venue.report.status)]).toEqual([all, false]);
  expect([all, news.filter(({ outcome }) => outcome !== 'unknown').length]).toEqual([all, 1]);
}

const isPriced = ({ venue, rig }: Race, { limit }: OrderChange): boolean =>
  limit === undefined || (venue.price !== undefined && rig.instrument.toTicks(venue.price, 'nearest') === limit);

const TO_ITS_END = interleavings(['Amend', 'Part', 'Rest']);
const CUT_SHORT = interleavings(['Amend', 'Part', 'End']);
const [MORE, LESS, LEAST, PRICE] = CHANGES as [Row, Row, Row, Row];

describe('a change meets fills and ends in every order (S-12)', () => {
  it.each([
    ...[MORE, LESS, LEAST, PRICE].map(([what, change]) => [what, 'told', change, TO_ITS_END] as const),
    ...[MORE, LEAST].map(([what, change]) => [what, 'told', change, CUT_SHORT] as const),
    ...[MORE, LESS].map(([what, change]) => [what, 'lost', change, TO_ITS_END] as const),
    ...[PRICE].map(([what, change]) => [what, 'lost', change, CUT_SHORT] as const),
  ])('of %s, its answer %s', async (_, answer, change, orders) => {
    for (const tokens of orders) {
      const race = new Race(change, answer === 'lost');
      await run(race, tokens, Math.max(WHOLE, change.lots ?? 0));
      expectTheVenuesTruth(race, tokens, change);
    }
  });
});
