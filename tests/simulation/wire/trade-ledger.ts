import type { MarketEvent } from '#src/ports/venue/market-event.js';
import type { WireTrade } from '#src/wire/binance-usdm/market/wire-market.js';

const MISSING = /^trades (\d+) to (\d+) are missing$/;

/**
 * What the adapter told of trades, against all that the venue made: each is told as it was, once, in its order, or
 * named as missing. What is wrong with it; nothing where all is well.
 */
export function tradeLedger(
  made: readonly WireTrade[],
  told: readonly MarketEvent[],
): { readonly heard: number; readonly missing: number; readonly wrong: readonly string[] } {
  const byId = new Map(made.map((trade) => [trade.id, trade]));
  const wrong: string[] = [];
  let [heard, missing] = [0, 0];
  let next = Number.NaN;
  for (const event of told) {
    if (event.kind === 'gap' && event.channel === 'trades') {
      const [, from, to] = MISSING.exec(event.message) ?? [];
      if (Number(from) !== next) wrong.push(`${event.message}, and ${next} was next`);
      missing += Number(to) - Number(from) + 1;
      next = Number(to) + 1;
    }
    if (event.kind !== 'trade') continue;
    if (Number.isNaN(next)) next = made.find((trade) => isSame(trade, event))?.id ?? Number.NaN;
    const trade = byId.get(next);
    if (trade === undefined || !isSame(trade, event)) wrong.push(`${next} was told as ${String(event.price)}`);
    heard += 1;
    next += 1;
  }
  const last = made.at(-1)?.id ?? 0;
  if (next !== last + 1) wrong.push(`${next} to ${last} were neither told nor named`);
  return { heard, missing, wrong };
}

const isSame = (
  { price, size, at }: WireTrade,
  told: { readonly price: WireTrade['price']; readonly size: WireTrade['size']; readonly at: number },
): boolean => price.eq(told.price) && size.eq(told.size) && at === told.at;
