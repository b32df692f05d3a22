// Reads a served market through ccxt, unchanged but for the address. Prints what it saw as one line of JSON.
import ccxt from 'ccxt';

const [address, secret] = process.argv.slice(2);
const SYMBOL = 'BTC/USDT:USDT';

// #region point
const venue = new ccxt.pro.binanceusdm({
  apiKey: 'test',
  secret,
  options: { fetchMarkets: { types: ['linear'] }, fetchCurrencies: false },
});
for (const [name, url] of Object.entries(venue.urls.api))
  if (name.startsWith('fapi')) venue.urls.api[name] = url.replace('https://fapi.binance.com', `http://${address}`);
venue.urls.api.ws.future = `ws://${address}/ws`;
await venue.loadHttpProxyAgent(); // What ccxt asks for before a socket without TLS.
// #endregion

const seen = {};
const { active, linear, precision, limits } = (await venue.loadMarkets())[SYMBOL];
seen.market = { active, linear, precision, minAmount: limits.amount.min, minCost: limits.cost.min };
const { bids, asks, nonce } = await venue.fetchOrderBook(SYMBOL);
seen.book = { bid: bids[0], ask: asks[0], nonce };
seen.trades = (await venue.fetchTrades(SYMBOL)).length;
seen.candles = await venue.fetchOHLCV(SYMBOL, '1m', undefined, 5);
const { markPrice, fundingRate } = await venue.fetchFundingRate(SYMBOL);
seen.funding = { markPrice, fundingRate };
const { last, percentage } = await venue.fetchTicker(SYMBOL);
seen.ticker = { last, percentage };
seen.time = await venue.fetchTime();
seen.tiers = (await venue.fetchLeverageTiers([SYMBOL]))[SYMBOL].length;
venue.secret = `not ${secret}`;
seen.refused = await venue.fetchLeverageTiers([SYMBOL]).catch((error) => error.constructor.name);

/** So many news of a stream. */
const news = async (count, watch) => {
  const all = [];
  while (all.length < count) all.push(await watch());
  return all;
};
const books = await news(3, () => venue.watchOrderBook(SYMBOL));
seen.watched = { bid: books[2].bids[0], ask: books[2].asks[0], nonce: books[2].nonce };
seen.watchedTrade = (await venue.watchTrades(SYMBOL)).at(-1).price;
seen.watchedMark = (await venue.watchMarkPrice(SYMBOL)).markPrice;
seen.watchedCandle = (await venue.watchOHLCV(SYMBOL, '1m')).at(-1);
seen.watchedBest = (await venue.watchBidsAsks([SYMBOL]))[SYMBOL].bid;
await venue.close();
console.log(JSON.stringify(seen));
