import type { Decision, SizeCut } from '../../../domain/decision.js';
import type { MarkUnits } from '../../../domain/units.js';
import type { RiskManager, SizingAdvice } from '../../../ports/core-services/risk-manager.js';
import type { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import type { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import type { IntentDraft } from './intent-draft.js';

/** What the size of an order is advised on. */
export type Ground = Pick<Decision, 'basis' | 'leverage'>;

/** What advice on its size has made of an order. */
export type Sized =
  | { readonly outcome: 'refused'; readonly check: string; readonly reason: string }
  | { readonly outcome: 'cut'; readonly cut: SizeCut };

/** Gives entries the size that risk advises, where the configuration asks for advice. */
export class OrderSizing {
  constructor(
    private readonly config: Pick<ConfigController, 'current'>,
    private readonly risk: Pick<RiskManager, 'sizePosition'>,
    private readonly portfolio: Pick<Portfolio, 'equity'>,
  ) {}

  /** A size is advised on, or the market's impact limits it. */
  get isAsked(): boolean {
    const { dynamicPositionSizing, marketImpactGuard } = this.config.current.risk;
    return dynamicPositionSizing || marketImpactGuard;
  }

  /** Gives an order the size that is advised: what was cut, or why there is none; undefined where it stays. */
  sized(intent: IntentDraft, ground: Ground, mark: MarkUnits | undefined): Sized | undefined {
    if (mark === undefined || !(mark > 0)) {
      const reason = `${intent.instrument.symbol} has no mark to size the order at.`;
      return { outcome: 'refused', check: 'mark_unknown', reason };
    }
    const decided = intent.lots;
    const advice = this.advice(intent, ground, mark);
    if (advice.reduceOnly || !(advice.lots > 0))
      return { outcome: 'refused', check: advice.check ?? 'position_sizing', reason: advice.reason };
    const isCut = advice.lots < decided;
    if (isCut) intent.lots = advice.lots;
    if (isCut || this.config.current.risk.dynamicPositionSizing) {
      const which = isCut ? `size as advised: ${advice.reason}` : 'size as decided';
      intent.origin = { ...intent.origin, reason: `${intent.origin.reason}; ${which}` };
    }
    if (!isCut) return undefined;
    const { instrument, lots: left } = intent;
    const detail = `wanted ${instrument.sizeText(decided)} ${instrument.spec.base}, left ${instrument.sizeText(left)}`;
    return { outcome: 'cut', cut: { limit: `position sizing (${advice.reason})`, detail } };
  }

  private advice(
    { instrument, side, lots: decided, limit, snapshot }: IntentDraft,
    { basis, leverage }: Ground,
    mark: MarkUnits,
  ): SizingAdvice {
    return this.risk.sizePosition({
      instrument,
      side,
      mark,
      decided,
      equity: basis?.equity ?? this.portfolio.equity,
      leverage: basis?.leverage ?? leverage ?? 1,
      ...(basis === undefined ? {} : { fraction: basis.fraction }),
      ...(basis?.stop === undefined ? {} : { stop: basis.stop }),
      ...(limit === undefined ? {} : { limit }),
      ...(snapshot === undefined ? {} : { snapshot }),
    });
  }
}
