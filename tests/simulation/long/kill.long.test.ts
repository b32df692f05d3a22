import 'reflect-metadata';
import { killed, type Place } from '../support/killed.js';

const EVERYWHERE: readonly Place[] = [
  ['intent durable, nothing sent', 2, 5],
  ['sent, lost on the way', 2, 5],
  ['order taken in, exchange not committed', 1, 4],
  ['accepted and filled, nobody told', 4, 4],
  ['accepted and told, reply not yet handled', 2, 4],
  ['fill told, not taken', 2, 5],
  ['fill taken, not durable', 2, 5],
  ['order taken, not durable', 1, 5],
  ['before a durable record', 1, 5],
  ['after a durable record', 1, 5],
  ['record queued', 1, 60],
  ['before the exchange commits', 1, 40],
  ['after the exchange committed', 1, 40],
  ['recovery', 3, 14],
  ['a cycle begins', 1, 12],
  ['a cycle has ended', 1, 12],
  ['shutdown', 1, 2],
];
/** Orders that rest are there for the strategy that leaves them. */
const RESTING: typeof EVERYWHERE = [
  ['accepted, nobody told', 2, 3],
  ['cancel not sent', 3, 1],
  ['cancelled, not recorded', 3, 1],
];
const recoveries = [12, 10, 8];

/** `npm run kills`: every place, with both strategies; tests/simulation/kill.test.ts is the short form. */
killed({
  startAt: Date.UTC(2024, 0, 2, 0, 55),
  stepMs: 400,
  cycles: 30,
  title: 'at 56 and more seeded kill points',
  plans: [
    { name: 'baseline', first: 'funding told, not taken', places: EVERYWHERE, recoveries },
    { name: 'churn', first: 'funding taken, not durable', places: [...EVERYWHERE, ...RESTING], recoveries },
  ],
  atLeast: { deaths: 56, recoveries: 6, unheard: 4, sent: 60, fills: 50 },
});
