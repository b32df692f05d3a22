import { describe, expect, it } from '@jest/globals';
import { intentSeqOf } from '#src/domain/client-order-id.js';
import { ManualClock } from '#src/testing/manual-clock.js';
import { FAKE_CAPABILITIES } from '#src/testing/fake-capabilities.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { Rig, T0 } from './rig.js';

describe('order gateway: client ids', () => {
  it('numbers intents without gaps, the same in every run', () => {
    const first = new Rig();
    const second = new Rig();
    const ids = [first.submit(), first.submit()].map((order) => order.request.clientId);
    expect([second.submit(), second.submit()].map((order) => order.request.clientId)).toEqual(ids);
    expect(ids[0]).toMatch(/^PB[0-9A-Z]{6}-1-1$/);
  });

  it.each([
    ['says that it remembers ids', { remembered: true }],
    ['does not say that it forgets them', {}],
  ])('begins where no lost journal can have been, on a venue that %s', async (_, said) => {
    const live = (clock: ManualClock): Rig => {
      const broker = new FakeBroker();
      const { maxLength, pattern } = FAKE_CAPABILITIES.clientOrderId;
      const clientOrderId = { maxLength, pattern, ...said };
      broker.capabilities = { ...FAKE_CAPABILITIES, clientOrderId };
      return new Rig({ broker, clock });
    };
    const clock = new ManualClock(T0);
    const first = live(clock);
    await first.journal.appendDurable('account', { account: 'a' });
    const ids = [first.submit(), first.submit()].map((order) => order.request.clientId);
    expect(ids.map(intentSeqOf)).toEqual([T0 + 1, T0 + 2]);
    expect(Math.max(...ids.map((id) => id.length))).toBeLessThanOrEqual(24);

    clock.advance(60_000);
    const anew = live(clock);
    await anew.journal.appendDurable('account', { account: 'a' });
    expect(intentSeqOf(anew.submit().request.clientId)).toBe(T0 + 60_001);
  });

  it('never uses a number again, not even one of an instrument no longer known', async () => {
    const rig = new Rig();
    rig.submit();
    await rig.pending.idle();
    rig.journal.append('order', {
      client_id: rig.log.open()[0]?.request.clientId.replace('-1-1', '-Z-1') ?? '',
      symbol: 'GONE-PERP',
    });
    const next = new Rig({ journal: rig.journal, clock: rig.clock });
    await next.start();
    expect(next.submit().request.clientId).toMatch(/-10-1$/);
  });

  it('sends one decision once, in one run and across a restart (OL-05)', async () => {
    const rig = new Rig();
    const decision = {
      signalId: 'BTC-PERP|baseline|5|buy',
      origin: { strategy: 'baseline', reason: 'cross', decidedAt: 5 },
    };
    rig.submit(decision);
    expect(() => rig.submit(decision)).toThrow(expect.objectContaining({ code: 'ORDER-002' }));
    await rig.pending.idle();
    const next = new Rig({ journal: rig.journal, clock: rig.clock });
    await next.start();
    expect(() => next.submit(decision)).toThrow(expect.objectContaining({ code: 'ORDER-002' }));
  });
});
