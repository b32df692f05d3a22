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

  it('whose end is on its way while its entry fills more is sent again once it has ended, and then alone', () => {
    const sent: number[] = [];
    let held = 3;
    const hands = {
      ...{ now: 0, onlyProtects: false, held: () => held, mark: () => undefined, resize: () => ({ outcome: 'asked' }) },
      end: (ended: LiveTicket) => Object.assign(ended, { isEnding: true }),
      again: (_before: LiveTicket, { lots: size }: Intent) => {
        sent.push(size);
        return ticket({ lots: size });
      },
    } as unknown as KeptHands;
    const entry = ticket({ filledLots: 3 });
    const of = (role: string) => ({ role, side: 'sell', lots: lots(10) }) as unknown as Intent;
    const [stop, target] = [ticket({ lots: 3 }), ticket({ lots: 3 })];
    const bracket = new KeptBracket(entry, [memberOf(of('stop'), stop), memberOf(of('take_profit'), target)], true);
    Object.assign(stop, { status: 'filled', isDone: true, filledLots: 3 });
    held = 0;
    bracket.tend(hands);
    expect(target.isEnding).toBe(true);
    Object.assign(entry, { filledLots: 10 });
    held = 7;
    bracket.tend(hands);
    expect(sent).toEqual([7]);
    Object.assign(target, { status: 'cancelled', isDone: true, isEnding: false });
    bracket.tend(hands);
    bracket.tend(hands);
    expect(sent).toEqual([7, 7]);
  });

  it('and closes all that is open stands again for what its entry fills after it, and for nothing else', () => {
    let sent = 0;
    const hands = {
      ...{ now: 0, onlyProtects: false, held: () => 7, mark: () => undefined },
      again: () => {
        sent += 1;
        return ticket({});
      },
      wake: (woken: LiveTicket) => Object.assign(woken, { isUnsent: false }),
    } as unknown as KeptHands;
    const entry = ticket({ filledLots: 3 });
    const stop = ticket({ status: 'planned', isUnsent: true });
    const intent = { role: 'stop', side: 'sell', lots: lots(10), closePosition: true } as unknown as Intent;
    const bracket = new KeptBracket(entry, [memberOf(intent, stop)], false);
    bracket.tend(hands);
    Object.assign(stop, { status: 'filled', isDone: true });
    bracket.tend(hands);
    expect(sent).toBe(0);
    Object.assign(entry, { filledLots: 10 });
    bracket.tend(hands);
    bracket.tend(hands);
    expect(sent).toBe(1);
  });
});
