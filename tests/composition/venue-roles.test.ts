import { describe, expect, it } from '@jest/globals';
import { createBot, type BotContainer } from 'perpsbot';
import { VENUE_ROLES } from '#di/venue-roles.js';
import { tokenName, type Token } from '#src/injection/token.js';
import { Brokerage } from '#src/ports/venue/brokerage.js';
import { VenueAdapter } from '#src/ports/venue/venue-adapter.js';
import { AbsentVenue } from '#src/venues/absent/absent-venue.js';
import { FakeBroker } from '../support/fake-broker.js';

const CONFIG = { profile: 'demo', storage: { driver: 'memory' }, logging: { level: 'error' } };
const ROLES = Object.values(VENUE_ROLES) as Token<object>[];
const named = ROLES.map((role) => [tokenName(role), role] as const);

const built = (overrides: (container: BotContainer) => void): BotContainer =>
  createBot({ config: CONFIG, overrides }).container;

type Methods = Readonly<Record<string, () => Promise<unknown>>>;
const OPTIONAL = Object.getOwnPropertyNames(VenueAdapter.prototype).filter(
  (name) => name !== 'constructor' && name !== 'lacks',
);

describe('the roles of a venue', () => {
  it.each(named)('%s moves with the venue', (_name, role) => {
    const mine = new FakeBroker();
    const container = built((open) => open.rebind(Brokerage).toConstantValue(mine));
    expect(container.get(role)).toBe(mine);
  });

  it.each(named)('%s moves alone', (_name, role) => {
    const mine: object = new FakeBroker();
    const container = built((open) => open.rebind(role).toConstantValue(mine));
    expect(ROLES.filter((id) => container.get(id) === mine).map(tokenName)).toEqual([tokenName(role)]);
    expect(container.get(Brokerage)).not.toBe(mine);
  });
});

describe('what a venue lacks', () => {
  it.each(OPTIONAL)('%s is refused by name, never left undefined', async (name) => {
    const bare = Object.create(VenueAdapter.prototype, {
      capabilities: { value: new FakeBroker().capabilities },
    }) as Methods;
    await expect(bare[name]?.()).rejects.toMatchObject({ code: 'VENUE-003' });
  });

  it.each(OPTIONAL)('%s of no venue at all says that none is bound', async (name) => {
    const absent = new AbsentVenue() as unknown as Methods;
    await expect(absent[name]?.()).rejects.toMatchObject({ code: 'VENUE-001' });
  });
});
