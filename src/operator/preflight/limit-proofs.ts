import { Decimal } from '../../domain/decimal.js';
import type { Instrument } from '../../domain/instrument.js';
import { venueOrderId } from '../../domain/order.js';
import { lots, ticks, units, type Lots } from '../../domain/units.js';
import type { RiskSettings } from '../../ports/configuration/settings/risk-settings.js';
import type { ExecutionEngine } from '../../ports/core-services/execution.js';
import type { MarketData } from '../../ports/market-data/market-data.js';
import type { Portfolio } from '../../ports/runtime-state/portfolio.js';
import type { SafetyLadder } from '../../ports/storage/safety-ladder.js';

const BPS = 10_000;
/** Equity beside which no limit that is a share of it comes first. */
const RICH = 1_000;

export interface ProofPorts {
  readonly engine: Pick<ExecutionEngine, 'place'>;
  /** Of a bot that never starts: what is booked here is nobody's money. */
  readonly portfolio: Portfolio;
  readonly market: Pick<MarketData, 'acceptMark'>;
  readonly ladder: Pick<SafetyLadder, 'tighten'>;
  readonly risk: RiskSettings;
  readonly instrument: Instrument;
  readonly price: Decimal;
  readonly now: () => number;
}

/** One limit, and what our own gate said of an order that breaks it. */
export interface LimitProof {
  readonly limit: string;
  readonly refused: boolean;
  /** The check that refused it, and its words; null where the order was not refused. */
  readonly check: string | null;
  readonly reason: string | null;
}

/**
 * Puts one order to the gate for each limit, such that this limit is the first that it breaks, on books made up for it.
 * Every one must be refused, by the check of its limit. Called once, on parts that nobody trades with.
 */
export async function proveLimits(ports: ProofPorts): Promise<readonly LimitProof[]> {
  const { portfolio, market, risk, instrument, price, now } = ports;
  const proofs: LimitProof[] = [];
  const at = (share: number | Decimal): number => instrument.toTicks(price.times(share), 'nearest');
  const sizeOf = (money: Decimal): Lots => instrument.toLots(money.div(price), 'ceil');
  const prove = (limit: string, checks: readonly string[], size: Lots, limitTicks = at(1)): void => {
    proofs.push(put(ports, { limit, checks, size, limitTicks, nth: proofs.length }));
  };
  const least = lots(Math.max(instrument.minLots, sizeOf(instrument.spec.minNotional?.times(1.1) ?? new Decimal(0))));
  const deposit = (money: Decimal): void =>
    portfolio.deposit(instrument.toUnits(money, 'nearest'), now(), `preflight ${proofs.length}`);

  portfolio.setKnown(true);
  prove('maxMarkStaleness', ['stale_mark'], least);
  const most = risk.maxPositionSize.plus(risk.maxOrderNotional ?? 0).plus(price);
  deposit(most.times(RICH));
  market.acceptMark(instrument.symbol, instrument.toMarks(price), now());
  portfolio.observe(now());
  const collar = risk.priceCollarBps.times(3).div(BPS).plus(1);
  prove('priceCollar', ['price_collar'], least, at(collar));
  if (risk.maxOrderNotional !== undefined)
    prove(
      'maxOrderNotional',
      ['max_order_notional'],
      sizeOf(risk.maxOrderNotional.times('1.1').plus(price.times(instrument.spec.step))),
    );
  const ceiling = Decimal.min(risk.maxPositionSize, risk.maxGrossNotional ?? risk.maxPositionSize);
  hold(ports, sizeOf(ceiling), 'buy');
  prove(
    'maxPositionSize and maxGrossNotional',
    ['max_position_size', 'max_symbol_notional', 'max_gross_notional'],
    least,
  );
  hold(ports, sizeOf(ceiling), 'sell');
  if (risk.dailyLossLimit !== undefined) {
    portfolio.applyFunding({
      ...{ id: 'preflight', instrument, at: now(), rate: undefined, markPrice: undefined, lots: undefined },
      amount: instrument.toUnits(risk.dailyLossLimit.times('-1.1'), 'floor'),
    });
    prove('dailyLossLimit', ['daily_loss'], least);
  }
  portfolio.deposit(units(1 - portfolio.equity), now(), 'preflight poor');
  prove('maxLeverage', ['leverage', 'liquidation_buffer'], least);
  await ports.ladder.tighten('HALTED', 'preflight');
  prove('halt', ['kill_switch'], least);
  return proofs;
}

function put(
  { engine, instrument, now }: ProofPorts,
  asked: {
    readonly limit: string;
    readonly checks: readonly string[];
    readonly size: Lots;
    readonly limitTicks: number;
    readonly nth: number;
  },
): LimitProof {
  const { limit, checks, size, limitTicks, nth } = asked;
  const at = now();
  const answer = engine.place(
    {
      ...{ instrument, side: 'buy', type: 'limit', lots: size, limit: ticks(limitTicks), timeInForce: 'GTC' },
      ...{ postOnly: false, reduceOnly: false, signalId: `preflight ${nth}` },
      origin: { strategy: 'preflight', reason: `to break ${limit}`, decidedAt: at },
    },
    at,
  );
  if (answer.outcome !== 'refused') return { limit, refused: false, check: null, reason: answer.outcome };
  return { limit, refused: checks.includes(answer.check), check: answer.check, reason: answer.reason };
}

/** A position of the made-up books. */
function hold({ portfolio, instrument, price, now }: ProofPorts, size: Lots, side: 'buy' | 'sell'): void {
  const name = `preflight ${side}`;
  portfolio.applyFill({
    ...{ tradeId: name, clientId: name, venueId: venueOrderId(name), instrument },
    ...{ side, lots: size, fee: units(0), liquidity: 'taker', at: now() },
    price: instrument.toTicks(price, 'nearest'),
  });
}
