// Reads a served market through the npm package `binance`, unchanged but for the address.
import { DefaultLogger, USDMClient, WebsocketClient } from 'binance';

const [address, secret] = process.argv.slice(2);
const symbol = 'BTCUSDT';
const rest = new USDMClient({ api_key: 'test', api_secret: secret, baseUrl: `http://${address}` });

const seen = {};
const { symbols } = await rest.getExchangeInfo();
seen.market = symbols.map(({ symbol: name, status, filters }) => [name, status, filters.length]);
const { bids, asks, lastUpdateId } = await rest.getOrderBook({ symbol, limit: 5 });
seen.book = { bid: bids[0], ask: asks[0], lastUpdateId };
seen.trades = (await rest.getRecentTrades({ symbol })).length;
seen.aggregates = (await rest.getAggregateTrades({ symbol })).length;
seen.candles = await rest.getKlines({ symbol, interval: '1m', limit: 5 });
seen.mark = await rest.getMarkPrice({ symbol });
const bracketsOf = async (client) => (await client.getNotionalAndLeverageBrackets({ symbol }))[0].brackets.length;
seen.brackets = await bracketsOf(rest);
const stranger = new USDMClient({ api_key: 'test', api_secret: `not ${secret}`, baseUrl: `http://${address}` });
seen.refused = await bracketsOf(stranger).catch(({ code }) => code);

const quiet = Object.fromEntries(Object.keys(DefaultLogger).map((name) => [name, () => {}]));
const streams = new WebsocketClient({ wsUrl: `ws://${address}`, beautify: false }, quiet);
seen.streams = await new Promise((resolve, reject) => {
  const heard = new Map();
  const wanted = ['depthUpdate', 'bookTicker', 'aggTrade', 'markPriceUpdate', 'kline'];
  streams.on('exception', reject);
  streams.on('message', (message) => {
    const data = message.data ?? message;
    heard.set(data.e, data);
    if (wanted.every((name) => heard.has(name))) resolve(Object.fromEntries(heard));
  });
  const names = ['depth@100ms', 'bookTicker', 'aggTrade', 'markPrice@1s', 'kline_1m'];
  void streams.subscribe(
    names.map((name) => `btcusdt@${name}`),
    'usdm',
  );
});
streams.closeAll(true);
console.log(JSON.stringify(seen));
process.exit(0);
