import { afterEach, describe, expect, it } from '@jest/globals';
import { lots } from '#src/domain/units.js';
import { FakeEventStore } from '../../../support/memory-event-store.js';
import { GuardedBot, type GuardedOptions } from '../protection/guarded-bot.js';

const bots: GuardedBot[] = [];
afterEach(async () => {
  for (const { made } of bots.splice(0)) await made.stop();
});

const config = { execution: { onShutdown: 'keep' } } as const;

function make(options: GuardedOptions = {}): GuardedBot {
  const bot = new GuardedBot({ config, ...options });
  bots.push(bot);
  return bot;
}

/** The process dies as things stand: the next one has what was written until now, and the venue has what it had. */
async function died(bot: GuardedBot): Promise<GuardedBot> {
  const { broker } = bot;
  const events = new FakeEventStore(() => broker.scheduler.clock.now());
  events.events.push(...bot.events.events);
  const { placed } = broker;
  const before = placed.length;
  await bot.made.stop();
  bots.splice(bots.indexOf(bot), 1);
  // Its end has sent nothing that a death would not have.
  expect(broker.placed).toHaveLength(before);
  return make({ broker, events });
}

/** Long ten lots with their stop; the close has filled four of them and has ended at its collar. */
async function partlyClosed(): Promise<GuardedBot> {
  const bot = await make().open();
  await bot.enter();
  bot.decide('close');
  await bot.made.advance(0);
  const close = bot.exits[0];
  if (close === undefined) throw new Error('No close has left.');
  bot.broker.fill(close, { size: close.instrument.size(lots(4)) });
  bot.broker.end(close, 'expired');
  await bot.made.advance(0);
  return bot;
}

const exits = ({ exits: sent }: GuardedBot): number[] => sent.map(({ lots: size }) => size);

describe('a close that was under way when the process died', () => {
  it('is not gone on with by itself: what is held keeps its stop, in its size, and the strategy is asked anew', async () => {
    const next = await (await died(await partlyClosed())).open();
    await next.made.cycles(60);
    expect([exits(next), next.covered, next.status['naked']]).toEqual([[10], 6, []]);
  });

  it('that the strategy asks for again takes off what is left, once', async () => {
    const next = await (await died(await partlyClosed())).open();
    next.decide('close');
    await next.made.advance(0);
    next.decide('close');
    await next.made.advance(0);
    expect(exits(next)).toEqual([10, 6]);
    next.broker.fill(next.exits[1] ?? '');
    await next.made.cycles(60);
    expect([exits(next), next.standing]).toEqual([[10, 6], []]);
  });

  it('and whose order still lives is not doubled by what is asked after the start', async () => {
    const bot = await make().open();
    await bot.enter();
    bot.decide('close');
    await bot.made.advance(0);
    const next = await (await died(bot)).open();
    expect(next.covered).toBe(10);
    expect(next.decide('close')).toMatchObject({ outcome: 'nothing' });
    await next.made.advance(0);
    expect(exits(next)).toEqual([10]);
    next.broker.fill(next.exits[0] ?? '');
    await next.made.cycles(60);
    expect([exits(next), next.standing]).toEqual([[10], []]);
  });
});
