import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import type { Json } from '#src/ports/storage/event-store.js';
import { AccountManagerService } from '#src/services/accounting/account-manager-service.js';
import type { RequestBudget } from '#src/ports/core-services/request-budget.js';
import { UNLIMITED } from '#src/flow/unlimited-requests.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { ManualClock } from '#src/testing/manual-clock.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { FakeEventStore } from '../../support/memory-event-store.js';

class TreasuryBroker extends FakeBroker {
  quoteId = 'q-1';
  readonly committed: string[] = [];
  readonly moved: string[] = [];
  override quoteConversion = () => Promise.resolve({ id: this.quoteId, details: { rate: '0.999' } });
  override commitConversion = (id: string) => {
    this.committed.push(id);
    return Promise.resolve({ status: 'done' });
  };
  override moveFunds = ({ fromPortfolio }: { fromPortfolio: string }) => {
    this.moved.push(fromPortfolio);
    return Promise.resolve({ status: 'moved' });
  };
}

const REQUEST = { from: 'USD', to: 'USDC', amount: new Decimal('250.5') };
const MOVE = { fromPortfolio: 'a', toPortfolio: 'b', asset: 'USDC', amount: new Decimal(10) };

function treasury<B extends FakeBroker>(
  broker: B,
  budget?: RequestBudget,
): { broker: B; events: FakeEventStore; manager: AccountManagerService } {
  const events = new FakeEventStore();
  const redactor = {
    register: () => undefined,
    text: (value: string) => value,
    plain: (value: unknown) => JSON.parse(JSON.stringify(value)) as Json,
  };
  return {
    broker,
    events,
    manager: new AccountManagerService(
      broker,
      broker,
      broker,
      events,
      redactor,
      new ManualClock(),
      new RecordingLogger(),
      budget,
    ),
  };
}

describe('treasury helpers', () => {
  it('ask, convert and move nothing while the venue wants to be left alone', async () => {
    const { broker, manager } = treasury(new TreasuryBroker(), { ...UNLIMITED, heldUntil: () => 60_000 });
    const told = { code: 'VENUE-002', message: expect.stringContaining('left alone until') };
    await expect(manager.convert(REQUEST)).rejects.toMatchObject(told);
    await expect(manager.moveFunds(MOVE)).rejects.toMatchObject(told);
    expect(Object.keys((await manager.snapshot())['unavailable'] as object)).toEqual(['balances', 'positions']);
    expect([broker.committed, broker.moved, broker.called()]).toEqual([[], [], []]);
  });

  it('quote, commit and journal a conversion', async () => {
    const { broker, events, manager } = treasury(new TreasuryBroker());
    await manager.convert(REQUEST);
    expect(broker.committed).toEqual(['q-1']);
    expect(events.payloads('convert_commit')).toEqual([
      {
        trade_id: 'q-1',
        from: 'USD',
        to: 'USDC',
        amount: '250.5',
        quote: { rate: '0.999' },
        result: { status: 'done' },
      },
    ]);
  });

  it('only quote when told not to commit', async () => {
    const { broker, events, manager } = treasury(new TreasuryBroker());
    expect(await manager.convert(REQUEST, false)).toMatchObject({ trade_id: 'q-1' });
    expect(broker.committed).toEqual([]);
    expect(events.payloads('convert_commit')).toEqual([]);
  });

  it('refuse a quote without an id instead of committing something else', async () => {
    const { broker, manager } = treasury(new TreasuryBroker());
    broker.quoteId = '';
    await expect(manager.convert(REQUEST)).rejects.toMatchObject({ code: 'VENUE-003' });
    expect(broker.committed).toEqual([]);
  });

  it('move funds between portfolios and journal it', async () => {
    const { broker, events, manager } = treasury(new TreasuryBroker());
    await manager.moveFunds(MOVE);
    expect(broker.moved).toEqual(['a']);
    expect(events.payloads('portfolio_move')).toEqual([
      { from: 'a', to: 'b', asset: 'USDC', amount: '10', result: { status: 'moved' } },
    ]);
  });

  it('refuse amounts that are not positive before the venue is asked', async () => {
    const { broker, manager } = treasury(new TreasuryBroker());
    for (const amount of ['0', '-1', 'NaN']) {
      await expect(manager.convert({ ...REQUEST, amount: new Decimal(amount) })).rejects.toMatchObject({
        code: 'NUM-003',
      });
      await expect(manager.moveFunds({ ...MOVE, amount: new Decimal(amount) })).rejects.toMatchObject({
        code: 'NUM-003',
      });
    }
    expect([broker.committed, broker.moved]).toEqual([[], []]);
  });

  it('say so where the venue offers neither', async () => {
    const { manager } = treasury(new FakeBroker());
    await expect(manager.convert(REQUEST)).rejects.toMatchObject({ code: 'VENUE-003' });
    await expect(manager.moveFunds(MOVE)).rejects.toMatchObject({ code: 'VENUE-003' });
  });
});
