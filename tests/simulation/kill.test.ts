import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { composeBot } from '#di/create-bot.js';
import { killed } from './support/killed.js';

/** Each place at least once; `npm run kills` dies at each of them with both strategies, several times. */
killed({
  startAt: Date.UTC(2024, 0, 2, 0, 58),
  stepMs: 1_000,
  cycles: 12,
  title: 'at every kind of place',
  plans: [
    {
      name: 'baseline',
      first: 'funding told, not taken',
      places: [
        ['intent durable, nothing sent', 1, 2],
        ['accepted and filled, nobody told', 1, 4],
        ['accepted and told, reply not yet handled', 1, 4],
        ['order taken, not durable', 1, 5],
        ['before a durable record', 1, 5],
        ['after a durable record', 1, 5],
        ['record queued', 1, 30],
        ['before the exchange commits', 1, 20],
        ['after the exchange committed', 1, 20],
        ['recovery', 1, 14],
        ['a cycle begins', 1, 12],
        ['a cycle has ended', 1, 12],
      ],
      recoveries: [],
    },
    {
      name: 'churn',
      first: 'funding taken, not durable',
      places: [
        ['sent, lost on the way', 1, 5],
        ['order taken in, exchange not committed', 1, 4],
        ['accepted and filled, nobody told', 1, 4],
        ['fill told, not taken', 1, 5],
        ['fill taken, not durable', 1, 5],
        ['shutdown', 1, 2],
        ['accepted, nobody told', 1, 3],
        ['cancel not sent', 1, 1],
        ['cancelled, not recorded', 2, 1],
      ],
      recoveries: [12, 10],
    },
  ],
  atLeast: { deaths: 26, recoveries: 3, unheard: 3, sent: 15, fills: 15 },
});

describe('the exchange inside', () => {
  it('keeps a file that the bot never reads: in the whole container nothing but the exchange itself depends on its store', () => {
    const { edges } = composeBot({ config: { profile: 'demo', storage: { driver: 'memory' } } }).graph();
    expect(edges.filter((edge) => edge.to === 'ExchangeStore').map((edge) => edge.from)).toEqual(['SimulatedVenue']);
  });
});
