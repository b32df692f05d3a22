import 'reflect-metadata';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { testBot, type TestBot } from 'perpsbot/testing';
import { swap } from '#di/testing/swap.js';
import { Decimal } from '#src/domain/decimal.js';
import { lots } from '#src/domain/units.js';
import { OrderLog } from '#src/ports/core-services/execution.js';
import { OperatorControl } from '#src/ports/core-services/operator-control.js';
import { EventStore, type Payload } from '#src/ports/storage/event-store.js';
import type { StrategyDesk } from '#src/ports/strategy/strategy-desk.js';
import { defineStrategy, limit, r } from '#src/services/strategy/define/index.js';
import { eventStrategy } from '#src/services/strategy/host/by-events.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { FakeEventStore } from '../../support/memory-event-store.js';

const PERP = 'BTC-PERP';

/** Files of the product that match, comments left out. */
function callers(pattern: RegExp): string[] {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  return files
    .filter((path) => {
      const text = readFileSync(join('src', path), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
      return text.split('\n').some((line) => pattern.test(line) && !/^\s*(abstract )?\w+\??\(.*[;{]$/.test(line));
    })
    .filter((path) => !/^(testing|venues|ports|flow|research)\//.test(path))
    .sort();
}

/** S-06, as the house is built. */
describe('S-06: between a strategy and the venue there is one door after the other', () => {
  it.each<[string, RegExp, readonly string[]]>([
    [
      'the venue hears of orders from the gateway, and of what can only reduce from a person who passes a bot that hangs',
      /\b(placeOrders?|amendOrder)\(/,
      [
        'operator/direct/direct-flatten.ts',
        ...['change-wire', 'order-sender'].map((name) => `services/execution/gateway/${name}.ts`),
      ],
    ],
    [
      'and of their end, but for a person who passes a bot that hangs',
      /\bcancelOrders?\(/,
      [
        ...['operator/direct/direct-flatten.ts', 'operator/direct/direct-halt.ts'],
        ...['cancel-all', 'cancellations'].map((name) => `services/execution/gateway/${name}.ts`),
      ],
    ],
    [
      'the gateway from the engine alone, after risk has approved',
      /\bgateway\s*\.?\s*(submit|submitList)\(|^\s*\.submitList\(/,
      ['services/execution/engine/live-execution-engine.ts'],
    ],
    [
      'the engine from the coordinator, from cover, a person who flattens, and a preflight whose orders cannot leave',
      /\b(engine|plain)\.(place|placeList)\(/,
      [
        'operator/control/flattening.ts',
        'operator/preflight/limit-proofs.ts',
        'services/execution/coordinator/execution-coordinator-service.ts',
        'services/execution/engine/advanced-execution-engine.ts',
        'services/execution/protection/stop-placement.ts',
      ],
    ],
    [
      'the coordinator from the desk, and from the orchestrator for what is decided',
      /\bcoordinator\.(executeDecision|executeIntents?)\b/,
      ['services/strategy/host/intents/sending.ts', 'services/strategy/strategy-orchestrator-service.ts'],
    ],
  ])('%s', (_what, pattern, allowed) => {
    expect(callers(pattern)).toEqual(allowed);
  });
});

/** What a level 1 strategy may do at a step. */
const ACTS = [
  'buy',
  'sell',
  'bid',
  'offer',
  'oco',
  'bracket',
  'amend',
  'cancel',
  'cancelAll',
  'close',
  'hold',
  'cover',
] as const;
type Act = (typeof ACTS)[number];

function act(desk: StrategyDesk, what: Act, n: number): void {
  const instrument = desk.instrument(PERP);
  const at = (price: number) => instrument.toTicks(new Decimal(price), 'nearest');
  const terms = { instrument, lots: lots(10), tag: `t${n}`, why: what, role: 'entry' } as const;
  const rests = { ...terms, type: 'limit' } as const;
  const [newest] = [...desk.open({ tag: 't*' })].reverse();
  if (what === 'buy' || what === 'sell') desk.place({ ...terms, side: what, type: 'market' });
  else if (what === 'bid') desk.place({ ...rests, side: 'buy', limit: at(48_000 - n) });
  else if (what === 'offer') desk.place({ ...rests, side: 'sell', limit: at(52_000 + n) });
  else if (what === 'oco' || what === 'bracket') {
    const exit = {
      ...rests,
      side: 'sell',
      limit: at(53_000),
      tag: `x${n}`,
      role: 'take_profit',
      reduceOnly: true,
    } as const;
    const entry = { ...rests, side: 'buy', limit: at(47_000) } as const;
    if (what === 'oco') desk.placeList({ kind: 'batch', intents: [entry, { ...entry, tag: `u${n}` }] });
    else desk.placeList({ kind: 'followers', entry, exits: [exit] });
  } else if (what === 'amend' && newest !== undefined) desk.amend(newest, { limit: at(47_500 - n), why: what });
  else if (what === 'cancel' && newest !== undefined) desk.cancel(newest, what);
  else if (what === 'cancelAll') desk.cancelAll({ symbol: PERP }, what);
  else if (what === 'close') desk.close(PERP, { why: what });
  else if (what === 'cover' && desk.account(PERP).lots > 0)
    desk.place({ ...terms, side: 'sell', type: 'stop_market', stop: at(44_000), role: 'stop', reduceOnly: true });
  else desk.hold(PERP, 'nothing');
}

const byEvents = (acts: readonly Act[]) =>
  eventStrategy({
    name: 'random',
    parameters: [],
    create: (_settings, symbols) => {
      let n = 0;
      return {
        name: 'random',
        needs: { symbols, timeframes: [] },
        snapshot: () => undefined,
        restore: () => undefined,
        onStep: (desk) => act(desk, acts[n % acts.length] ?? 'hold', (n += 1)),
      };
    },
  });

const ofBars = (acts: readonly Act[]) => {
  let n = 0;
  return defineStrategy({
    name: 'random',
    timeframe: '10s',
    onBar({ bar: { close }, long, short, flat, hold, position }) {
      const what = acts[n % acts.length];
      n += 1;
      const of = { fraction: '5%', why: String(what), values: { n } } as const;
      const up = { ...of, stop: close * 0.9 };
      if (what === 'buy') long(up);
      else if (what === 'sell') short({ ...of, stop: close * 1.1 });
      else if (what === 'bid') long({ ...up, entry: limit(close * 0.97) });
      else if (what === 'bracket') long({ ...up, takeProfit: [{ at: r(1), share: '50%' }, { at: r(2) }] });
      else if (what === 'close' || (what === 'cancel' && !position.isFlat)) flat({ why: 'out', values: { n } });
      else hold('nothing', { n });
    },
  });
};

interface Seen {
  readonly bot: TestBot;
  readonly broker: FakeBroker;
  readonly journal: FakeEventStore;
}

/** Who is behind a request, by what the journal says; undefined: nobody. */
function behind(
  { bot, journal }: Seen,
  clientId: string,
): 'intent' | 'change' | 'rest' | 'plan' | 'operator' | undefined {
  const log = bot.get(OrderLog);
  const intents = journal.payloads('strategy_intent');
  const is = (payload: Payload, verb?: string): boolean =>
    payload['client_id'] === clientId && (verb === undefined || payload['verb'] === verb);
  if (intents.some((payload) => is(payload, 'place') || is(payload, 'decide') || is(payload, 'rest')))
    return intents.some((payload) => is(payload, 'rest')) ? 'rest' : 'intent';
  const order = log.find(clientId);
  if (order === undefined) return undefined;
  const { replaces, origin, request } = order;
  if (replaces !== undefined) return behind({ bot, journal } as Seen, replaces) === undefined ? undefined : 'change';
  if (origin?.reason.startsWith('the rest of: ') === true) return 'rest';
  if (request.reduceOnly && journal.payloads('planned_protection').length > 0 && /stop/i.test(origin?.reason ?? ''))
    return 'plan';
  const asked = journal.payloads('operator_command').some(({ command }) => command === 'flatten');
  return asked && request.reduceOnly && origin?.asked === undefined ? 'operator' : undefined;
}

/** S-06, as a count. */
describe('S-06: what the venue sees', () => {
  it('is exactly what an intent, a plan or a person is behind, and of every intent that left it sees one order', async () => {
    const counted = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...ACTS), { minLength: 4, maxLength: 12 }),
        fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
        fc.constantFrom('events', 'bars'),
        fc.boolean(),
        async (acts, fills, form, flattens) => {
          const [broker, journal] = [new FakeBroker(), new FakeEventStore()];
          const bot = testBot({
            strategies: [form === 'events' ? byEvents(acts) : ofBars(acts)],
            ...{ broker, config: { strategy: { enableShorts: true } } },
            overrides: (container) => swap(container, EventStore, journal),
          });
          await bot.open();
          try {
            for (const fill of fills) {
              await bot.cycle({ [PERP]: 50_000 });
              const last = broker.placed.at(-1);
              const isOpen =
                last !== undefined &&
                bot
                  .get(OrderLog)
                  .open()
                  .some(({ request }) => request.clientId === last.clientId);
              if (fill && isOpen && last.stop === undefined && last.options?.after === undefined) broker.fill(last);
              await bot.advance(0);
            }
            if (flattens) {
              const control = bot.get(OperatorControl);
              void control.flatten(control.planFlatten().hash, { actor: 'ada', reason: 'test' }).catch(() => undefined);
              await bot.advance(2_000);
            }
            const seen = { bot, broker, journal };
            const nobody = broker.placed.filter(({ clientId }) => {
              const who = behind(seen, clientId);
              counted.set(String(who), (counted.get(String(who)) ?? 0) + 1);
              return who === undefined;
            });
            expect(nobody.map(({ clientId, type, side }) => [clientId, type, side])).toEqual([]);
            const asked = journal.payloads('strategy_intent');
            const made = asked.filter(({ verb }) => verb === 'place' || verb === 'decide' || verb === 'rest');
            const ids = made.map(({ client_id: id }) => (typeof id === 'string' ? id : ''));
            expect(new Set(ids).size).toBe(ids.length);
            const rests = asked.filter(({ verb }) => verb === 'rest');
            expect(rests.filter(({ why }) => typeof why !== 'string' || !why.startsWith('the rest of: '))).toEqual([]);
            const submitted = new Set(journal.payloads('order_submission').map(({ client_id: id }) => id));
            const sent = new Set(broker.placed.map(({ clientId }) => clientId));
            for (const id of ids) if (submitted.has(id)) expect(sent.has(id)).toBe(true);
            // What was refused has no order.
            const refused = journal.payloads('strategy_refusal').filter((payload) => 'client_id' in payload);
            expect(refused.filter(({ verb }) => verb === 'place')).toEqual([]);
            // No end that nobody asked for: a cancellation, a change that the venue makes by cancelling, or a close.
            const ends = broker.cancelled.filter(
              ({ clientId }) =>
                !asked.some(({ client_id: id, verb }) => id === clientId && (verb === 'cancel' || verb === 'amend')) &&
                !flattens &&
                behind(seen, clientId ?? '') !== 'plan',
            );
            expect(ends).toEqual([]);
          } finally {
            await bot.stop();
          }
        },
      ),
      { numRuns: 60 },
    );
    expect(Math.min(...['intent', 'change', 'plan', 'operator'].map((who) => counted.get(who) ?? 0))).toBeGreaterThan(
      0,
    );
  }, 120_000);
});
