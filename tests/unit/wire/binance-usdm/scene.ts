import { createHmac } from 'node:crypto';
import { Decimal } from '#src/domain/decimal.js';
import type { InstrumentSpec } from '#src/domain/instrument.js';
import { MemoryNetwork } from '#src/platform/transport/memory-network.js';
import type { HttpAnswer } from '#src/ports/transport/http-client.js';
import type { Listening } from '#src/ports/transport/http-server.js';
import { ManualClock } from '#src/testing/manual-clock.js';
import { ManualScheduler } from '#src/testing/manual-scheduler.js';
import { DeterministicExchange } from '#src/venues/simulated/exchange/deterministic-exchange.js';
import { NoExchangeStore } from '#src/venues/simulated/persistence/no-exchange-store.js';
import type { FaultTerms } from '#src/wire/binance-usdm/faults/wire-fault-plan.js';
import { WireMarket } from '#src/wire/binance-usdm/market/wire-market.js';
import { UsdmServer } from '#src/wire/binance-usdm/usdm-server.js';
import { FakeConfigController, testConfig } from '../../../support/config.js';

export const NOW = Date.UTC(2026, 10, 30, 8);
export const KEY = { key: 'a-key', secret: 'a-secret' };
export const OTHER_KEY = { key: 'another-key', secret: 'another-secret' };
type Key = typeof KEY;

const spec = (base: string, more: Partial<InstrumentSpec> = {}): InstrumentSpec => ({
  symbol: `${base}-PERP`,
  base,
  quote: 'USDT',
  settle: 'USDT',
  kind: 'perpetual',
  tick: new Decimal('0.1'),
  step: new Decimal('0.001'),
  minSize: new Decimal('0.001'),
  minNotional: new Decimal(5),
  maxLeverage: new Decimal(125),
  makerFee: new Decimal('0.0002'),
  takerFee: new Decimal('0.0005'),
  maintenanceRate: new Decimal('0.004'),
  fundingIntervalHours: 8,
  ...more,
});

export const level = (price: string, size: string): { readonly price: Decimal; readonly size: Decimal } => ({
  price: new Decimal(price),
  size: new Decimal(size),
});

/** A server of two markets over a network in memory, on time that a test moves. */
export class Scene {
  readonly clock = new ManualClock(NOW);
  readonly scheduler = new ManualScheduler(this.clock);
  readonly network = new MemoryNetwork(this.scheduler);
  readonly btc = new WireMarket('BTCUSDT', spec('BTC'));
  readonly eth = new WireMarket('ETHUSDT', spec('ETH', { fundingIntervalHours: 4 }));
  /** Who may sign. */
  readonly keys: readonly Key[] = [KEY, OTHER_KEY];
  listening: Listening | undefined;
  server: UsdmServer | undefined;

  async serve(faults?: FaultTerms): Promise<this> {
    const { network, clock, scheduler } = this;
    const listed = [this.btc, this.eth];
    this.server = new UsdmServer(
      { http: network, sockets: network, clock, scheduler },
      {
        markets: new Map(listed.map((market) => [market.name, market])),
        accounts: this.keys.map((key) => ({ key, venue: () => this.account(listed) })),
        faults,
      },
    );
    this.listening = await this.server.listen({ host: '127.0.0.1', port: 0 });
    return this;
  }

  private account(markets: readonly WireMarket[]): DeterministicExchange {
    const specs = markets.map(({ name, instrument }) => ({ ...instrument.spec, symbol: name }));
    const config = testConfig({
      symbols: specs.map(({ symbol }) => symbol),
      instruments: Object.fromEntries(specs.map((each) => [each.symbol, each])),
      simulation: { equity: new Decimal(10_000) },
    });
    return new DeterministicExchange(new FakeConfigController(config), new NoExchangeStore(), {
      readText: () => undefined,
    });
  }

  get host(): string {
    return `${String(this.listening?.host)}:${String(this.listening?.port)}`;
  }

  /** The whole answer. */
  async ask(target: string, headers: Readonly<Record<string, string>> = {}): Promise<HttpAnswer> {
    const asked = this.network.request({
      method: 'GET',
      url: `http://${this.host}${target}`,
      headers,
      timeoutMs: 1_000,
    });
    // Whoever asked hears of it; until then nobody does.
    asked.catch(() => undefined);
    await this.scheduler.advance(0);
    return asked;
  }

  /** What is in it. */
  async get(target: string): Promise<unknown> {
    return JSON.parse((await this.ask(target)).body);
  }

  /** Code and status of a refusal. */
  async refusal(target: string, headers: Readonly<Record<string, string>> = {}): Promise<readonly [number, number]> {
    const { status, body } = await this.ask(target, headers);
    return [status, (JSON.parse(body) as { code: number }).code];
  }
}

export const signed = (query: string, secret = KEY.secret): string =>
  `${query}&signature=${createHmac('sha256', secret).update(query).digest('hex')}`;
