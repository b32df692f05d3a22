import { describe, expect, it } from '@jest/globals';
import { createBot, type BotContainer } from 'perpsbot';
import { VENUE_ROLES } from '#di/venue-roles.js';
import { tokenName, type Token } from '#src/injection/token.js';
import { ACCOUNT_ROLES } from '#src/ports/venue/account-roles.js';
import { Brokerage } from '#src/ports/venue/brokerage.js';
import { VenueAdapter } from '#src/ports/venue/venue-adapter.js';
import { AbsentVenue } from '#src/venues/absent/absent-venue.js';
import { FakeBroker } from '#src/testing/fake-broker.js';

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

describe('a role that reaches the account', () => {
  const LIVE = { ...new FakeBroker().capabilities, venue: 'elsewhere', environment: 'live' as const };
  const stranger = (): object => Object.assign(new FakeBroker(), { capabilities: LIVE });

  it.each(ACCOUNT_ROLES.map((role) => [tokenName(role), role as Token<object>] as const))(
    '%s of a live venue alone is refused in the paper world, by verify and by the start',
    async (_name, role) => {
      const bot = createBot({ config: CONFIG, overrides: (open) => open.rebind(role).toConstantValue(stranger()) });
      try {
        await expect(bot.open()).rejects.toMatchObject({ cause: { code: 'DI-005' } });
        expect(bot.composition.verify().problems).toContainEqual(
          expect.objectContaining({ code: 'DI-005', message: expect.stringContaining('elsewhere (live)') as unknown }),
        );
      } finally {
        await bot.stop();
      }
    },
  );

  it('is not what market data is: prices of a live venue may be traded on paper', () => {
    const { composition } = createBot({
      config: CONFIG,
      overrides: (open) => open.rebind(VENUE_ROLES.MarketFeed).toConstantValue(stranger() as FakeBroker),
    });
    expect(composition.verify().problems).toEqual([]);
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
