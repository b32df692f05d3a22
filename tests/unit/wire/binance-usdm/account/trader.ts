import type { HttpAnswer } from '#src/ports/transport/http-client.js';
import { Reader } from '../reader.js';
import { KEY, signed, type Scene } from '../scene.js';

type Row = Readonly<Record<string, unknown>>;

/** A client with a key: signs what it asks for, and listens to its account. */
export class Trader {
  reader: Reader = undefined as unknown as Reader;

  constructor(
    private readonly scene: Scene,
    private readonly key = KEY,
  ) {}

  /** Listens from now on. */
  async listen(path = '/private/ws'): Promise<this> {
    const { listenKey } = await this.ask('POST', '/fapi/v1/listenKey');
    this.reader = await Reader.open(this.scene, `${path}?listenKey=${String(listenKey)}`);
    return this;
  }

  async answer(
    method: string,
    path: string,
    params: Readonly<Record<string, string | number>> = {},
  ): Promise<HttpAnswer> {
    const { scene, key } = this;
    const query = new URLSearchParams(
      Object.entries({ ...params, timestamp: scene.clock.now() }).map(([name, value]): [string, string] => [
        name,
        String(value),
      ]),
    ).toString();
    const asked = scene.network.request({
      method: method as 'GET',
      url: `http://${scene.host}${path}?${signed(query, key.secret)}`,
      headers: { 'X-MBX-APIKEY': key.key },
      timeoutMs: 1_000,
    });
    asked.catch(() => undefined);
    await scene.scheduler.advance(0);
    return asked;
  }

  async ask(method: string, path: string, params: Readonly<Record<string, string | number>> = {}): Promise<Row> {
    return JSON.parse((await this.answer(method, path, params)).body) as Row;
  }

  async list(path: string, params: Readonly<Record<string, string | number>> = {}): Promise<readonly Row[]> {
    return (await this.ask('GET', path, params)) as unknown as readonly Row[];
  }

  order(params: Readonly<Record<string, string | number>>): Promise<Row> {
    return this.ask('POST', '/fapi/v1/order', { symbol: 'BTCUSDT', ...params });
  }

  limit(side: string, quantity: string, price: string, more: Readonly<Record<string, string>> = {}): Promise<Row> {
    return this.order({ side, type: 'LIMIT', timeInForce: 'GTC', quantity, price, ...more });
  }

  market(side: string, quantity: string, more: Readonly<Record<string, string>> = {}): Promise<Row> {
    return this.order({ side, type: 'MARKET', quantity, ...more });
  }

  stop(side: string, triggerPrice: string, more: Readonly<Record<string, string>> = {}): Promise<Row> {
    return this.ask('POST', '/fapi/v1/algoOrder', {
      ...{ symbol: 'BTCUSDT', algoType: 'CONDITIONAL', side, type: 'STOP_MARKET', triggerPrice },
      ...more,
    });
  }

  /** What the account stream said since, short: kind, and for orders what happened and how they stand. */
  async heard(): Promise<string[]> {
    return (await this.reader.heard()).map((event) => {
      const { e, o, a, ac } = event as Readonly<Record<'o' | 'a' | 'ac', Row | undefined>> & { readonly e: string };
      if (e === 'ORDER_TRADE_UPDATE')
        return `${String(o?.['x'])} ${String(o?.['X'])} ${String(o?.['z'])} ${String(o?.['ps'])}`;
      if (e === 'ALGO_UPDATE') return `algo ${String(o?.['X'])}${o?.['ai'] === '' ? '' : ' child'}`;
      if (e === 'ACCOUNT_UPDATE') return `account ${String(a?.['m'])}`;
      if (e === 'ACCOUNT_CONFIG_UPDATE') return `leverage ${String(ac?.['l'])}`;
      return e;
    });
  }
}
