// What the compiler must refuse of the test kit. Nothing here runs: `npm run typecheck` fails where a line that must
// not compile does.
import { AccountAccess, OrderEntry, type BotContainer } from 'perpsbot';
import { FakeBroker, swap } from 'perpsbot/testing';

export function swaps(container: BotContainer): void {
  const broker = new FakeBroker();
  swap(container, OrderEntry, broker);
  // @ts-expect-error a role has all its members
  swap(container, AccountAccess, { listBalances: () => Promise.resolve([]) });
  // @ts-expect-error a class is no object of itself
  swap(container, OrderEntry, FakeBroker);
}

export function answers(): void {
  const broker = new FakeBroker();
  broker.next('placeOrder', { fill: 'all' }).next('getAccountId', { value: 'me' });
  // @ts-expect-error no venue has such a member
  broker.next('placeOrdr', {});
  // @ts-expect-error what is not a member that answers cannot be scripted
  broker.next('capabilities', {});
  // @ts-expect-error an order's words are not those of a read
  broker.next('getQuote', { fill: 'all' });
  // @ts-expect-error the answer is what the member answers
  broker.always('getAccountId', { value: 7 });
  // @ts-expect-error a venue refuses for a reason it has
  broker.next('placeOrder', { refuse: 'bad mood' });
}
