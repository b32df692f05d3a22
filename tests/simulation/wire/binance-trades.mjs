// Trades on a served venue through the npm package `binance`, unchanged but for the address.
import { DefaultLogger, USDMClient, WebsocketClient } from 'binance';

const [address, secret] = process.argv.slice(2);
const symbol = 'BTCUSDT';
const rest = new USDMClient({ api_key: 'test', api_secret: secret, baseUrl: `http://${address}` });
const quiet = Object.fromEntries(Object.keys(DefaultLogger).map((name) => [name, () => {}]));

const done = {};
const short = ({ status, executedQty, type, clientOrderId }) => ({ status, executedQty, type, clientOrderId });
const refused = ({ code, message }) => code ?? message;
const restOptions = { baseUrl: `http://${address}` };
const keys = { api_key: 'test', api_secret: secret };
const streams = new WebsocketClient({ ...keys, wsUrl: `ws://${address}`, restOptions, beautify: false }, quiet);
const heard = [];
const isWhole = new Promise((resolve, reject) => {
  streams.on('exception', reject);
  streams.on('message', (message) => {
    const event = message.data ?? message;
    heard.push(event.e === 'ORDER_TRADE_UPDATE' ? `${event.e} ${event.o.x}` : event.e);
    if (event.e === 'ACCOUNT_UPDATE' && event.a.P?.[0]?.pa === '0.000') setTimeout(resolve, 200);
  });
});
await streams.subscribeUsdFuturesUserDataStream();
await new Promise((resolve) => setTimeout(resolve, 500));

const { bidPrice } = await rest.getSymbolOrderBookTicker({ symbol });
const low = String(Math.floor(Number(bidPrice) * 0.98));
const limit = { symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.01', price: low };
const resting = await rest.submitNewOrder({ ...limit, newClientOrderId: 'x-15PC4ZJyrests' });
done.resting = short(resting);
done.cancelled = short(await rest.cancelOrder({ symbol, orderId: resting.orderId }));
done.postOnly = await rest
  .submitNewOrder({ ...limit, timeInForce: 'GTX', price: String(Math.ceil(Number(bidPrice) * 1.01)) })
  .catch(refused);
done.market = short(await rest.submitNewOrder({ symbol, side: 'BUY', type: 'MARKET', quantity: '0.01' }));
done.stopAtOldAddress = await rest
  .submitNewOrder({ symbol, side: 'SELL', type: 'STOP_MARKET', quantity: '0.01', stopPrice: low })
  .catch(refused);
const stop = {
  symbol,
  side: 'SELL',
  type: 'STOP_MARKET',
  algoType: 'CONDITIONAL',
  quantity: '0.01',
  triggerPrice: low,
};
const algo = await rest.submitNewAlgoOrder({ ...stop, reduceOnly: 'true' });
done.stop = { status: algo.algoStatus, trigger: algo.triggerPrice };
done.stopCancelled = (await rest.cancelAlgoOrder({ algoId: algo.algoId })).code;
done.position = (await rest.getPositionsV3({ symbol })).map(({ positionAmt }) => positionAmt);
const out = { symbol, side: 'SELL', type: 'MARKET', quantity: '0.01', reduceOnly: 'true' };
done.reduced = short(await rest.submitNewOrder(out));
done.reducedTwice = await rest.submitNewOrder(out).catch(refused);
await isWhole;
done.heard = heard;
streams.closeAll(true);
console.log(JSON.stringify(done));
process.exit(0);
