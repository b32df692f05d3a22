import { ANSWERED } from './answers.js';
import { BOOKS } from './books.js';
import { CANCELS, CONDITIONAL } from './cancels.js';
import { CONNECTION } from './connection.js';
import { OTHERS, TRIGGERS } from './triggers.js';
import type { ConformanceScenario, ConformingVenue } from './contract.js';
import { FORMS } from './forms.js';
import { CONFORMANCE_IDS } from './ids.js';
import { expectLacking } from './expecting.js';
import { LIFETIMES } from './lifetimes.js';
import { LOST } from './lost.js';
import { MONEY } from './money.js';
import { ACCOUNT, ORDERS } from './orders.js';
import { PRODUCTS } from './products.js';
import { inWorld, type Scenario } from './scenario.js';
import { LEAST, REFUSALS } from './refusals.js';
import { IDENTITY, STANDING, TERMS } from './standing.js';
import { STREAMS } from './streams.js';

const SCENARIOS: readonly Scenario[] = [
  ...[...IDENTITY, ...CONNECTION, ...PRODUCTS, ...REFUSALS, ...LEAST, ...ORDERS, ...LOST],
  ...[...STANDING, ...CANCELS, ...CONDITIONAL, ...ACCOUNT, ...TERMS, ...TRIGGERS, ...OTHERS, ...LIFETIMES],
  ...[...BOOKS, ...STREAMS, ...ANSWERED, ...FORMS, ...MONEY],
].sort((a, b) => CONFORMANCE_IDS.indexOf(a.id) - CONFORMANCE_IDS.indexOf(b.id));

/**
 * What every venue's adapter must pass, run on a server that speaks the venue's protocol: in memory, on time that
 * nobody waits for. Hand each scenario to whatever runner there is. Where the adapter says that it cannot do a thing,
 * the scenario asks for its refusal (VENUE-003) instead. Of a venue inside the process only what needs no wire is
 * asked.
 */
export const conformance = (venue: ConformingVenue): readonly ConformanceScenario[] =>
  SCENARIOS.filter(
    ({ needsWire, needsAccount }) =>
      (!needsWire || venue.production !== undefined) && (needsAccount !== true || venue.trader !== undefined),
  ).map(({ id, title, needsBook, run }) => ({
    id,
    title: `${venue.name}: ${title}`,
    run: () => (needsBook && !venue.knows.streams.book ? refused(venue) : run(venue)),
  }));

const refused = (venue: ConformingVenue): Promise<void> =>
  inWorld(venue, async (world) => {
    await expectLacking(world.book(), 'a stream of the book');
  });
