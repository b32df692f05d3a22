import { rowsOf, WireFields } from '../../../connect/wire-fields.js';
import type { Decimal } from '../../../domain/decimal.js';
import { PerpsBotError } from '../../../domain/errors.js';
import type { InstrumentSpec, MarginTier } from '../../../domain/instrument.js';
import type { VenuePosition } from '../../../domain/market.js';
import { venueOrderId, type MarginMode, type PositionMode, type PositionSide } from '../../../domain/order.js';
import type { AccountTerms } from '../../../ports/venue/account-terms.js';
import type { VenueOrder } from '../../../ports/venue/venue-order.js';
import type { KnownOrders } from '../orders/known-orders.js';
import { ALGO, algoOrder, plainOrder } from '../orders/order-answers.js';
import type { SignedRequest, SignedRequests } from '../rest/signed-requests.js';
import { venueCodeOf } from '../rest/usdm-line.js';
import {
  balancesAnswer,
  bracketsAnswer,
  commissionAnswer,
  positionsAnswer,
  symbolTermsAnswer,
  type BalancesAnswer,
} from './account-answers.js';

/** Source: Binance, "USDⓈ-M Futures, Account", IP weights. */
const WEIGHTS = { account: 5, brackets: 1, fees: 20, modes: 30, countdown: 10, openOfOne: 1, openOfAll: 40 } as const;
/** "No need to change": it is as it was to become. Margin type, position side. */
const ALREADY: ReadonlySet<number> = new Set([-4_046, -4_059]);

type Fees = Pick<InstrumentSpec, 'makerFee' | 'takerFee'>;

/** What the account says of the products that it trades. */
export interface AccountProducts {
  readonly tiers: ReadonlyMap<string, readonly MarginTier[]>;
  readonly fees: ReadonlyMap<string, Fees>;
}

/** How the account stands, and how it is set. */
export class AccountRequests {
  constructor(private readonly requests: Pick<SignedRequests, 'ask'>) {}

  async balances(): Promise<BalancesAnswer> {
    return balancesAnswer(await this.get('/fapi/v3/balance', {}, WEIGHTS.account));
  }

  async positions(): Promise<readonly VenuePosition[]> {
    return positionsAnswer(await this.get('/fapi/v3/positionRisk', {}, WEIGHTS.account));
  }

  /** Of both services. What is learnt of them by the way is noted. */
  async openOrders(known: KnownOrders, symbol?: string): Promise<readonly VenueOrder[]> {
    const weight = symbol === undefined ? WEIGHTS.openOfAll : WEIGHTS.openOfOne;
    const [plain, waiting] = await Promise.all([
      this.get('/fapi/v1/openOrders', { symbol }, weight),
      this.get('/fapi/v1/openAlgoOrders', { symbol }, weight),
    ]);
    return [
      ...rowsOf(plain, 'Open orders').map((row) => {
        const order = readOr(row, plainOrder, { number: 'orderId', name: 'clientOrderId' });
        if (order.clientId !== undefined) known.named(order.symbol, order.venueId, order.clientId);
        return order;
      }),
      ...rowsOf(waiting, 'Open conditional orders').map((row) =>
        readOr(row, (said) => algoOrder(said).order, { number: 'algoId', name: 'clientAlgoId', space: ALGO }),
      ),
    ];
  }

  /** Brackets of all symbols, fees of these. */
  async terms(symbols: readonly string[]): Promise<AccountProducts> {
    const [brackets, ...fees] = await Promise.all([
      this.get('/fapi/v1/leverageBracket', {}, WEIGHTS.brackets),
      ...symbols.map(async (symbol): Promise<readonly [string, Fees] | undefined> => {
        try {
          return [
            symbol,
            commissionAnswer(await this.get('/fapi/v1/commissionRate', { symbol }, WEIGHTS.fees), symbol),
          ];
        } catch (error) {
          // A symbol that the venue does not list has no fees there; that it is not listed is said elsewhere.
          if (venueCodeOf(error) !== undefined) return undefined;
          throw error;
        }
      }),
    ]);
    return {
      tiers: bracketsAnswer(brackets),
      fees: new Map(fees.flatMap((each) => (each === undefined ? [] : [each]))),
    };
  }

  /** What the key may do besides trading, the venue tells at another host, and in production alone. */
  async describe(symbols: readonly string[]): Promise<AccountTerms> {
    const [config, rows] = await Promise.all([
      this.get('/fapi/v1/accountConfig', {}, WEIGHTS.account),
      this.get('/fapi/v1/symbolConfig', symbols.length === 1 ? { symbol: symbols[0] } : {}, WEIGHTS.account),
    ]);
    const fields = new WireFields(config, 'Terms of the account');
    return {
      positionMode: fields.flag('dualSidePosition') ? 'hedge' : 'one_way',
      symbols: symbolTermsAnswer(rows).filter(({ symbol }) => symbols.includes(symbol)),
      multiAsset: fields.flag('multiAssetsMargin'),
      permissions: { trade: fields.flag('canTrade') },
    };
  }

  async setLeverage(symbol: string, leverage: number): Promise<void> {
    await this.set({ path: '/fapi/v1/leverage', params: { symbol, leverage } });
  }

  async setMarginMode(symbol: string, mode: MarginMode): Promise<void> {
    const marginType = mode === 'isolated' ? 'ISOLATED' : 'CROSSED';
    await this.set({ path: '/fapi/v1/marginType', params: { symbol, marginType } });
  }

  async setPositionMode(mode: PositionMode): Promise<void> {
    await this.set({ path: '/fapi/v1/positionSide/dual', params: { dualSidePosition: mode === 'hedge' } });
  }

  async moveIsolatedMargin(symbol: string, amount: Decimal, side?: PositionSide): Promise<void> {
    const [adds, takes] = [1, 2];
    const type = amount.isNegative() ? takes : adds;
    const params = { symbol, amount: amount.abs().toFixed(), type, positionSide: side?.toUpperCase() };
    await this.set({ path: '/fapi/v1/positionMargin', params });
  }

  /** 0 switches it off. Orders that wait for a trigger are another service's, and stay. */
  async countdown(symbol: string, countdownTime: number): Promise<void> {
    const said = await this.requests.ask({
      method: 'POST',
      path: '/fapi/v1/countdownCancelAll',
      params: { symbol, countdownTime },
      weight: WEIGHTS.countdown,
      isUrgent: true,
    });
    new WireFields(said, 'The countdown').is('symbol', symbol);
  }

  private async set(request: Pick<SignedRequest, 'path' | 'params'>): Promise<void> {
    try {
      await this.requests.ask({ ...request, method: 'POST', weight: 1 });
    } catch (error) {
      if (!ALREADY.has(venueCodeOf(error) ?? 0)) throw error;
    }
  }

  private get(path: string, params: NonNullable<SignedRequest['params']>, weight: number): Promise<unknown> {
    return this.requests.ask({ method: 'GET', path, params, weight });
  }
}

interface RowNames {
  readonly number: string;
  readonly name: string;
  readonly space?: string;
}

/**
 * A row that cannot be read is handed on by its names alone: whoever compares refuses it by name, and takes it for no
 * proof that its order is gone.
 */
function readOr(row: unknown, read: (said: unknown) => VenueOrder, { number, name, space }: RowNames): VenueOrder {
  try {
    return read(row);
  } catch (error) {
    if (!PerpsBotError.is(error)) throw error;
    const fields = new WireFields(row, 'An open order');
    return {
      venueId: venueOrderId(fields.id(number), space),
      clientId: fields.text(name),
      symbol: fields.text('symbol'),
    } as VenueOrder;
  }
}
