import { describe, expect, it } from '@jest/globals';
import { lots } from '#src/domain/units.js';
import type { Intent } from '#src/ports/strategy/intent.js';
import { KeptBracket, memberOf, type KeptHands } from '#src/services/strategy/host/kept/kept-list.js';
import type { LiveTicket } from '#src/services/strategy/host/live-ticket.js';

const ticket = (more: object): LiveTicket =>
  ({ status: 'open', isDone: false, isUnsent: false, filledLots: 0, ...more }) as never;

describe('an exit that has filled all that its entry had', () => {
  it('is sent again for what the entry fills after it, once, and not for a position that is gone', () => {
    const sent: number[] = [];
    let held = 0;
    const hands = {
      ...{ now: 0, onlyProtects: false, held: () => held, mark: () => undefined },
      again: (_before: LiveTicket, { lots: size }: Intent) => {
        sent.push(size);
        return ticket({ lots: size });
      },
    } as unknown as KeptHands;
    const entry = ticket({ filledLots: 10 });
    const stop = { role: 'stop', side: 'sell', lots: lots(10) } as unknown as Intent;
    const done = ticket({ status: 'filled', isDone: true, filledLots: 3, lots: 3 });
    const bracket = new KeptBracket(entry, [memberOf(stop, done)], true);
    bracket.tend(hands);
    expect(sent).toEqual([]);
    held = 7;
    bracket.tend(hands);
    bracket.tend(hands);
    expect(sent).toEqual([7]);
    expect(bracket.isOver).toBe(false);
  });
});
