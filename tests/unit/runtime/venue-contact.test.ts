import { describe, expect, it } from '@jest/globals';
import { fault } from '#src/domain/errors.js';
import { timedVenue } from '#src/flow/timed-venue.js';
import { NotedVenueContact } from '#src/services/runtime/state/noted-venue-contact.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { settled } from '#src/testing/settled.js';
import { FakeConfigController } from '../../support/config.js';

describe('whether the venue is heard of', () => {
  function rig() {
    const broker = new FakeBroker();
    const { scheduler } = broker;
    const contact = new NotedVenueContact();
    const config = new FakeConfigController();
    const ports = { config, scheduler, host: scheduler, contact, clock: scheduler.clock };
    return {
      broker,
      scheduler,
      contact,
      venue: timedVenue(
        broker,
        () => ports,
        () => undefined,
      ),
    };
  }

  it('is told by what questions come to: silence lasts from the first that was not answered to the next that is', async () => {
    const { broker, scheduler, contact, venue } = rig();
    const begun = scheduler.clock.now();
    expect(contact.reach).toEqual({ answeredAt: null, silentSince: null, why: null, streamDownSince: null });
    await venue.listPositions();
    broker.always('listPositions', { throws: fault('VENUE-002', 'no answer') });
    for (let asked = 0; asked < 3; asked += 1) {
      await scheduler.advance(1_000);
      await venue.listPositions().catch(() => undefined);
    }
    expect(contact.reach).toMatchObject({ answeredAt: begun, silentSince: begun + 1_000, why: 'no answer' });
    // One that hangs is none either; one that is turned away may never have left.
    broker.always('listBalances', { reply: () => new Promise(() => undefined) });
    const hangs = venue.listBalances().catch(() => undefined);
    await scheduler.advance(60_000);
    await hangs;
    expect(contact.reach.why).toContain('must answer listBalances');
    broker.always('listPositions', { throws: fault('VENUE-003', 'not taken') });
    await venue.listPositions().catch(() => undefined);
    expect(contact.reach.silentSince).toBe(begun + 1_000);
    await venue.listOpenOrders();
    expect(contact.reach).toMatchObject({ answeredAt: begun + 63_000, silentSince: null, why: null });
  });

  it('hands on what cannot be read as it came: that somebody speaks is all that it says', async () => {
    const { broker, contact, venue } = rig();
    const heard: unknown[] = [];
    await venue.openAccount((event) => heard.push(event), new AbortController().signal);
    for (const event of [null, undefined, 7, 'gap', {}]) broker.accountStreams[0]?.push(event as never);
    await settled();
    expect([heard, contact.reach.streamDownSince]).toEqual([[null, undefined, 7, 'gap', {}], null]);
  });

  it('is told by the stream of the account: by its gaps, its end, and an opening that fails', async () => {
    const { broker, scheduler, contact, venue } = rig();
    const heard: string[] = [];
    const { signal } = new AbortController();
    const open = (): Promise<unknown> => venue.openAccount(({ kind }) => heard.push(kind), signal);
    await open();
    const [stream] = broker.accountStreams;
    await scheduler.advance(1_000);
    stream?.push({ kind: 'gap', message: 'quiet', at: scheduler.clock.now() });
    await settled();
    expect(contact.reach.streamDownSince).toBe(scheduler.clock.now());
    stream?.push({ kind: 'reconnected', message: 'again', at: scheduler.clock.now() });
    await settled();
    expect([contact.reach.streamDownSince, heard]).toEqual([null, ['gap', 'reconnected']]);
    stream?.close();
    await settled();
    expect(contact.reach.streamDownSince).toBe(scheduler.clock.now());
    await open();
    expect(contact.reach.streamDownSince).toBeNull();
    broker.next('openAccount', { throws: new Error('refused') });
    await open().catch(() => undefined);
    expect(contact.reach.streamDownSince).toBe(scheduler.clock.now());
  });
});
