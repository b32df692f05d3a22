import { fault } from '../../../domain/errors.js';
import type { Instrument } from '../../../domain/instrument.js';
import type { Position } from '../../../domain/position.js';
import { units, type MarkUnits, type Units } from '../../../domain/units.js';
import type { StrategyBook } from '../../../ports/strategy/strategy-desk.js';
import type { DeskPorts } from './desk-ports.js';

/** One object for a desk's whole life, read through. */
class OwnBook implements StrategyBook {
  constructor(private readonly desk: AccountDesk) {}

  get instrument(): Instrument {
    return this.desk.instrument(this.desk.symbol);
  }

  get lots(): StrategyBook['lots'] {
    return this.position.lots;
  }

  get cost(): Units {
    return this.position.cost;
  }

  get openedAt(): number | undefined {
    return this.position.openedAt;
  }

  get net(): Units | undefined {
    return this.desk.result;
  }

  private get position(): Position {
    return this.desk.account(this.desk.symbol);
  }
}

/** What a desk shows of the account and its venue: of the one symbol that its strategy trades. */
export class AccountDesk {
  constructor(
    protected readonly strategy: string,
    readonly symbol: string,
    protected readonly ports: DeskPorts,
  ) {}

  private readonly ownBook = new OwnBook(this);

  get equity(): Units {
    return this.ports.portfolio.equity;
  }

  get available(): Units {
    return units(this.ports.portfolio.equity - this.ports.portfolio.ledger.margin);
  }

  get result(): Units | undefined {
    return this.ports.portfolio.resultOf?.(this.symbol);
  }

  get hasBrackets(): boolean {
    return this.ports.session.capabilities.brackets === true;
  }

  instrument(symbol: string): Instrument {
    const instrument = symbol === this.symbol ? this.ports.catalogue.find(symbol) : undefined;
    if (instrument !== undefined) return instrument;
    throw fault('STRAT-001', `${this.strategy} must name an instrument it needs, ${this.symbol}, was ${symbol}.`);
  }

  book(symbol: string): StrategyBook {
    this.instrument(symbol);
    return this.ownBook;
  }

  account(symbol: string): Position {
    return this.ports.portfolio.position(this.instrument(symbol));
  }

  mark(symbol: string): MarkUnits | undefined {
    return this.ports.portfolio.lastMark(symbol);
  }
}
