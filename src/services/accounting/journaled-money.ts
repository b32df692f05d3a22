import { injectable } from 'inversify';
import { Decimal } from '../../domain/decimal.js';
import { fault } from '../../domain/errors.js';
import { FINEST_UNIT, MoneyUnit, unitFor } from '../../domain/instrument.js';
import { inject } from '../../injection/inject.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import type { BotConfig } from '../../ports/configuration/settings/bot-config.js';
import { configuredAmounts, type AccountMoney } from '../../ports/runtime-state/account-money.js';
import type { EventStore } from '../../ports/storage/event-store.js';

const RECORD = 'money_unit';

/**
 * The unit by the configuration, until a journal says otherwise. A journal without a record counts in the finest: so
 * do all that were written before there was a choice, and all that need no coarser one.
 */
@injectable()
export class JournaledMoney implements AccountMoney {
  private chosen: MoneyUnit | undefined;
  /** Somebody counts in it: it is never changed under them. */
  private isAsked = false;

  constructor(@inject(ConfigController) private readonly config: ConfigController) {
    // Whoever puts a change into force by himself is told of it.
    config.onChange((change) => {
      if (this.chosen !== undefined) this.assertHolds(change.updated);
    });
  }

  get unit(): MoneyUnit {
    this.isAsked = true;
    return (this.chosen ??= this.byConfiguration());
  }

  takeUp(journal: EventStore): void {
    const unit = this.unitOf(journal) ?? this.byConfiguration();
    if (this.isAsked && this.chosen?.digits !== unit.digits)
      throw fault('NUM-002', `The unit of money must be known before it is used, 1e-${unit.digits} came too late.`);
    this.chosen ??= unit;
    this.assertHolds(this.config.current);
    if (journal.lastSeq === 0 && unit.digits !== FINEST_UNIT.digits) journal.append(RECORD, { digits: unit.digits });
  }

  assertHolds(config: BotConfig): void {
    const { ceiling, digits } = this.unit;
    for (const { path, amount } of configuredAmounts(config)) {
      if (amount.lt(ceiling)) continue;
      throw fault(
        'NUM-002',
        `${path} must be below ${ceiling} in a journal whose money is counted in 1e-${digits}, was ${amount.toString()}.`,
        { fix: `Lower ${path}, or begin a new journal in another --state directory: its unit follows the limits.` },
      );
    }
  }

  private byConfiguration(): MoneyUnit {
    return unitFor(
      Decimal.max(...configuredAmounts(this.config.current).map(({ amount, room }) => amount.times(room))),
    );
  }

  /** Undefined where the journal begins. */
  private unitOf(journal: EventStore): MoneyUnit | undefined {
    const digits = journal.query({ types: [RECORD], limit: 1 })[0]?.payload['digits'];
    if (digits === undefined) return journal.lastSeq === 0 ? undefined : FINEST_UNIT;
    if (typeof digits === 'number' && Number.isInteger(digits) && digits >= 0 && digits <= FINEST_UNIT.digits)
      return new MoneyUnit(digits);
    throw fault(
      'STORE-001',
      `Journal field digits must be from 0 to ${FINEST_UNIT.digits}, was ${JSON.stringify(digits)}.`,
    );
  }
}
