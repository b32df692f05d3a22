import { Decimal, ZERO } from '../domain/decimal.js';
import { units } from '../domain/units.js';
import type { OrderStats } from '../ports/runtime-state/runtime-state.js';
import { bare } from '../operator/control/said.js';
import type { CliBot } from './host.js';

export interface SymbolFigures {
  readonly symbol: string;
  readonly mark: Decimal | undefined;
  readonly position: Decimal;
  /** What follows the position where no stop at the venue looks after it. */
  readonly bare: string;
}

/** What a bot shows of itself at one moment. Profit and counts are of this session. */
export interface BotFigures {
  readonly at: number;
  /** Name of the market when it is made up; undefined for a real or recorded one. */
  readonly synthetic: string | undefined;
  readonly symbols: readonly SymbolFigures[];
  readonly cycles: number;
  readonly orders: Readonly<OrderStats>;
  readonly fills: number;
  readonly equity: Decimal;
  readonly profit: Profit;
  readonly safety: string;
  readonly safetyReason: string | undefined;
  /** Until the first order: what the strategy last held for. Undefined before anything was decided. */
  readonly waitsFor: string | undefined;
}
export interface Profit {
  readonly price: Decimal;
  readonly fees: Decimal;
  readonly funding: Decimal;
  readonly net: Decimal;
}

const NOTHING: Profit = { price: ZERO, fees: ZERO, funding: ZERO, net: ZERO };

/** Watches a bot from outside: reads its ports, changes nothing. */
export class BotObserver {
  private before: Profit = NOTHING;
  private fills = 0;
  private startEquity: Decimal = ZERO;
  private readonly unsubscribe: () => void;

  /** Made once the bot is up: what its journal brought back is not of this session. */
  constructor(private readonly bot: CliBot) {
    this.before = this.profitSoFar();
    this.startEquity = bot.portfolio.unit.of(bot.portfolio.equity);
    this.unsubscribe = bot.portfolio.onFill(() => {
      this.fills += 1;
    });
  }

  get equityAtStart(): Decimal {
    return this.startEquity;
  }

  figures(): BotFigures {
    const { bot } = this;
    const { attempted, successful, failed, others } = bot.orders;
    const now = this.profitSoFar();
    return {
      at: bot.clock.now(),
      synthetic: bot.market?.synthetic === true ? bot.market.name : undefined,
      symbols: this.symbols(),
      cycles: bot.cycle.cycles,
      orders: { attempted, successful, failed, others },
      fills: this.fills,
      equity: bot.portfolio.unit.of(bot.portfolio.equity),
      profit: {
        price: now.price.minus(this.before.price),
        fees: now.fees.minus(this.before.fees),
        funding: now.funding.minus(this.before.funding),
        net: now.net.minus(this.before.net),
      },
      safety: bot.safety.state,
      safetyReason: bot.safety.reason,
      waitsFor: attempted + others === 0 ? this.lastHold() : undefined,
    };
  }

  /** Of several symbols each holds for its own reason: the newest is told. */
  private lastHold(): string | undefined {
    const held = [...this.bot.decisions.all()].filter(([, { decision }]) => decision.action === 'hold');
    const [symbol, newest] = held.sort(([, a], [, b]) => b.at - a.at)[0] ?? [];
    return newest === undefined ? undefined : `${held.length > 1 ? `${symbol}: ` : ''}${newest.decision.reason}`;
  }

  close(): void {
    this.unsubscribe();
  }

  private symbols(): SymbolFigures[] {
    const found = new Map<string, SymbolFigures>();
    const held = new Map(this.bot.held().map((each) => [each.symbol, bare(each)]));
    for (const position of this.bot.portfolio.positions()) {
      const { symbol } = position.instrument;
      const mark = this.bot.portfolio.lastMark(symbol);
      found.set(symbol, {
        symbol,
        mark: mark === undefined ? undefined : position.instrument.markPrice(mark),
        position: position.size,
        bare: held.get(symbol) ?? '',
      });
    }
    return this.bot.config.symbols.map(
      (symbol) => found.get(symbol) ?? { symbol, mark: undefined, position: ZERO, bare: '' },
    );
  }

  private profitSoFar(): Profit {
    const { ledger, unrealised, unit } = this.bot.portfolio;
    const price = unit.of(units(ledger.income('price') + ledger.income('rounding') + unrealised));
    const fees = unit.of(ledger.income('fees'));
    const funding = unit.of(ledger.income('funding'));
    return { price, fees, funding, net: price.plus(fees).plus(funding) };
  }
}
