import type { ConformingVenue } from './contract.js';
import { ConformanceWorld } from './world.js';

export interface Scenario {
  readonly id: string;
  readonly title: string;
  /** It needs streams of depth: where the adapter says it has none, that they are refused is asked for instead. */
  readonly needsBook: boolean;
  /** Something happens between adapter and venue: there must be a way. */
  readonly needsWire: boolean;
  /** Orders are sent: there must be an account. */
  readonly needsAccount?: true;
  readonly run: (venue: ConformingVenue) => Promise<void>;
}

/** Long after, and nothing has happened meanwhile: streams have ended of it. */
export async function leap({ clock, scheduler }: ConformanceWorld, ms: number): Promise<void> {
  clock.advance(ms);
  await scheduler.advance(1);
}

type Act = (world: ConformanceWorld) => Promise<void>;

/** In a world of its own, out of which the adapter leaves nothing behind. */
export async function inWorld(venue: ConformingVenue, act: Act, skewMs = 0): Promise<void> {
  const world = await ConformanceWorld.open(venue, skewMs);
  await act(world);
  await world.close();
}

/** On any venue, one inside the process too. */
export const anywhere = (scenario: Scenario): Scenario => ({ ...scenario, needsWire: false });

export const asked = (id: string, title: string, act: Act): Scenario => ({
  id,
  title,
  needsBook: false,
  needsWire: true,
  run: (venue) => inWorld(venue, act),
});

/** Each act in a world of its own. */
export const streamed = (id: string, title: string, ...acts: readonly Act[]): Scenario => ({
  id,
  title,
  needsBook: true,
  needsWire: true,
  run: async (venue) => {
    for (const act of acts) await inWorld(venue, act);
  },
});

/** With an account that is connected and listened to, each act in a world of its own. */
export const traded = (id: string, title: string, ...acts: readonly Act[]): Scenario => ({
  id,
  title,
  needsBook: false,
  needsWire: true,
  needsAccount: true,
  run: async (venue) => {
    for (const act of acts)
      await inWorld(venue, async (world) => {
        await world.trade();
        await act(world);
      });
  },
});
