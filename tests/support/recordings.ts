import { SeededRandom } from '#src/platform/seeded-random.js';

const START = Date.UTC(2024, 0, 1);

/** One walk told three ways: public trades, best prices, and a book of changes with its snapshot. All made up. */
export function recordings(
  events: number,
  seed = 1,
): { readonly trades: string; readonly quotes: string; readonly changes: string; readonly snapshot: string } {
  const random = new SeededRandom().stream('recordings', seed);
  const [trades, quotes, changes] = [
    ['ts_ms,symbol,price,size,side'],
    ['ts_ms,symbol,bid,bid_size,ask,ask_size'],
    ['txn_ts_ms,final_update_id,side,price,qty'],
  ];
  let [at, price] = [START, 400_000];
  let [bid, ask] = [price - 1, price + 1];
  const dime = (tenths: number): string => (tenths / 10).toFixed(1);
  const snapshot = JSON.stringify({
    lastUpdateId: 1,
    T: START,
    // One level each: what nobody takes away would cross the book as the price moves through it.
    bids: [[dime(bid), '5']],
    asks: [[dime(ask), '5']],
  });
  for (let i = 1; i <= events; i += 1) {
    at += 1 + Math.floor(random.next() * 400);
    price += Math.round(random.normal() * 4 + 6 * Math.sin(i / 150));
    trades.push(
      `${at},BTC-PERP,${dime(price)},0.${1 + Math.floor(random.next() * 9)},${random.next() < 0.5 ? 'buy' : 'sell'}`,
    );
    quotes.push(`${at},BTC-PERP,${dime(price - 1)},2,${dime(price + 1)},2`);
    const level = (side: string, tenths: number, size: string): void =>
      void changes.push(`${at},${i + 1},${side},${dime(tenths)},${size}`);
    if (price - 1 !== bid) level('bid', bid, '0');
    if (price + 1 !== ask) level('ask', ask, '0');
    [bid, ask] = [price - 1, price + 1];
    level('bid', bid, '3');
    level('ask', ask, '3');
  }
  return { trades: trades.join('\n'), quotes: quotes.join('\n'), changes: changes.join('\n'), snapshot };
}
