// Trades on a served venue through ccxt, unchanged but for the address. Prints what became of it as one line of JSON.
import ccxt from 'ccxt';

const [address, secret] = process.argv.slice(2);
const SYMBOL = 'BTC/USDT:USDT';
const venue = new ccxt.pro.binanceusdm({
  apiKey: 'test',
  secret,
  options: { fetchMarkets: { types: ['linear'] }, fetchCurrencies: false, fetchPositions: { method: 'positionRisk' } },
});
for (const [name, url] of Object.entries(venue.urls.api))
  if (name.startsWith('fapi')) venue.urls.api[name] = url.replace('https://fapi.binance.com', `http://${address}`);
venue.urls.api.ws.future = `ws://${address}/ws`;
await venue.loadHttpProxyAgent();
await venue.loadMarkets();

const done = {};
const short = ({ status, filled, type, clientOrderId }) => ({ status, filled, type, clientOrderId });
const refused = (error) => `${error.constructor.name} ${/"code":(-?\d+)/.exec(error.message)?.[1] ?? error.message}`;
const bid = (await venue.fetchOrderBook(SYMBOL)).bids[0][0];
const low = Math.floor(bid * 0.98);
const heard = venue.watchOrders(SYMBOL).then((orders) => orders.map(({ status, symbol }) => ({ status, symbol })));
await new Promise((resolve) => setTimeout(resolve, 300));

const resting = await venue.createOrder(SYMBOL, 'limit', 'buy', 0.01, low, { clientOrderId: 'rests' });
done.resting = short(resting);
done.open = (await venue.fetchOpenOrders(SYMBOL)).map(({ clientOrderId }) => clientOrderId);
done.cancelled = short(await venue.cancelOrder(resting.id, SYMBOL));
done.cancelledTwice = await venue.cancelOrder(resting.id, SYMBOL).catch(refused);
done.postOnly = await venue
  .createOrder(SYMBOL, 'limit', 'buy', 0.01, Math.ceil(bid * 1.01), { postOnly: true })
  .catch(refused);
done.market = short(await venue.createOrder(SYMBOL, 'market', 'buy', 0.01));
done.tooMuch = await venue.createOrder(SYMBOL, 'market', 'buy', 900).catch(refused);
done.position = (await venue.fetchPositions([SYMBOL])).map(({ contracts, side }) => ({ contracts, side }));
const stop = await venue.createOrder(SYMBOL, 'market', 'sell', 0.01, undefined, {
  stopLossPrice: low,
  reduceOnly: true,
});
done.stop = { status: stop.status, trigger: stop.triggerPrice };
done.stopCancelled = await venue.cancelOrder(stop.id, SYMBOL, { trigger: true }).then(() => true, refused);
done.reduced = short(await venue.createOrder(SYMBOL, 'market', 'sell', 0.01, undefined, { reduceOnly: true }));
done.reducedTwice = await venue
  .createOrder(SYMBOL, 'market', 'sell', 0.01, undefined, { reduceOnly: true })
  .catch(refused);
done.trades = (await venue.fetchMyTrades(SYMBOL)).map(({ side, amount }) => ({ side, amount }));
done.balance = (await venue.fetchBalance()).USDT.total;
done.heard = await heard;
await venue.close();
console.log(JSON.stringify(done));
process.exit(0);
