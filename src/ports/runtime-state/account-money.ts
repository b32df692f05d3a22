import type { Decimal } from '../../domain/decimal.js';
import { FINEST_UNIT, type MoneyUnit } from '../../domain/instrument.js';
import { token } from '../../injection/token.js';
import type { BotConfig } from '../configuration/settings/bot-config.js';
import type { EventStore } from '../storage/event-store.js';

/**
 * What the account's money is counted in. The unit follows the configured amounts, is chosen when a journal begins and
 * is kept for its life: amounts in two units are never added.
 */
export interface AccountMoney {
  readonly unit: MoneyUnit;
  /**
   * Takes up the unit of the opened journal, or writes the chosen one into a journal that begins. Before anything else
   * asks for it. Throws NUM-002, by name, for a configured amount that the journal's unit cannot hold.
   */
  takeUp(journal: EventStore): void;
  /** Throws NUM-002, by name, for an amount of this configuration that the unit cannot hold. */
  assertHolds(config: BotConfig): void;
}
export const AccountMoney = token<AccountMoney>('AccountMoney');

/** For parts that stand alone: the unit of every account that needs no coarser one. */
export const FINEST_MONEY: Pick<AccountMoney, 'unit'> = { unit: FINEST_UNIT };

/** A limit binds what is entered: the price may rise after that, over years of data by a large factor. */
const ROOM = 90;
/** All positions together. */
const ROOM_OF_ALL = 9;

/** One amount of the configuration that money must be able to hold, by the path that a person wrote it under. */
export interface ConfiguredAmount {
  readonly path: string;
  readonly amount: Decimal;
  /** What it may grow to, in multiples of itself, before money is no longer exact. */
  readonly room: number;
}

/** What positions may be worth, and what the accounts of the exchange inside begin with. */
export function configuredAmounts({ world, symbols, risk, simulation }: BotConfig): readonly ConfiguredAmount[] {
  const position = {
    path: 'risk.maxPositionSize',
    amount: risk.maxPositionSize,
    room: Math.max(ROOM, ROOM_OF_ALL * symbols.length),
  };
  if (world === 'live') return [position];
  const accounts: [string, Decimal][] = [
    ['simulation.equity', simulation.equity],
    ['simulation.margin.insuranceFund', simulation.margin.insuranceFund],
    ...Object.entries(simulation.venues).map(([name, { equity }]): [string, Decimal] => [
      `simulation.venues.${name}.equity`,
      equity,
    ]),
  ];
  return [position, ...accounts.map(([path, amount]) => ({ path, amount, room: ROOM }))];
}
