// Where a child can be killed: the services of the container behind proxies that count named points.
import { appendFileSync } from 'node:fs';
import { wrap } from './wrap.mjs';

/** Ends this process, with no chance to do anything more, at the nth passing of one point. */
export class Traps {
  #left;
  #point;

  constructor({ point, nth }) {
    this.#point = point;
    this.#left = nth;
  }

  pass(point) {
    if (point !== this.#point) return;
    this.#left -= 1;
    if (this.#left === 0) process.kill(process.pid, 'SIGKILL');
  }
}

/** The venue as the bot reaches it. `isTrading` tells recovery from the rest. */
export function trappedBroker(broker, traps, wireLog, state) {
  const recovery =
    (name) =>
    async (...args) => {
      if (!state.trading) traps.pass('recovery');
      const answer = await broker[name](...args);
      if (!state.trading) traps.pass('recovery');
      return answer;
    };
  const reads = [
    'connect',
    'getAccountId',
    'listProducts',
    'listFills',
    'listFundingPayments',
    'listTransfers',
    'listPositions',
    'getOrder',
    'listOpenOrders',
  ];
  return wrap(broker, {
    ...Object.fromEntries(reads.map((name) => [name, recovery(name)])),
    async placeOrder(request) {
      traps.pass('intent durable, nothing sent');
      appendFileSync(wireLog, `${request.clientId}\n`);
      traps.pass('sent, lost on the way');
      state.submitting = true;
      const reply = broker.placeOrder(request);
      state.submitting = false;
      const result = await reply;
      if (result.outcome === 'accepted') traps.pass('accepted and told, reply not yet handled');
      return result;
    },
    async cancelOrder(ref) {
      traps.pass('cancel not sent');
      const result = await broker.cancelOrder(ref);
      traps.pass('cancelled, not recorded');
      return result;
    },
    openAccount(sink, signal) {
      return broker.openAccount((event) => {
        traps.pass(`${event.kind} told, not taken`);
        sink(event);
        traps.pass(`${event.kind} taken, not durable`);
      }, signal);
    },
    async disconnect() {
      traps.pass('shutdown');
      await broker.disconnect();
    },
  });
}

export const trappedJournal = (journal, traps) =>
  wrap(journal, {
    append(...args) {
      journal.append(...args);
      traps.pass('record queued');
    },
    async appendDurable(...args) {
      traps.pass('before a durable record');
      const stored = await journal.appendDurable(...args);
      traps.pass('after a durable record');
      return stored;
    },
    async close() {
      traps.pass('shutdown');
      await journal.close();
    },
  });

/** `committed` is told the exchange's time after each commit. */
export const trappedExchangeStore = (store, traps, state, committed) =>
  wrap(store, {
    commit(change) {
      const filled = change.events.length;
      traps.pass(state.submitting ? 'order taken in, exchange not committed' : 'before the exchange commits');
      store.commit(change);
      committed(JSON.parse(change.core).time);
      if (!state.submitting) traps.pass('after the exchange committed');
      else traps.pass(filled > 0 ? 'accepted and filled, nobody told' : 'accepted, nobody told');
    },
  });
