import type { MarginMode, PositionMode } from '../../../domain/order.js';
import type { SafetyState } from '../../../domain/safety.js';
import { differencesOf, type TermsView } from '../../../border/declared-terms.js';
import { tighten } from '../../../flow/tighten.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import type { EventStore, Json, Payload } from '../../../ports/storage/event-store.js';
import type { SafetyLadder } from '../../../ports/storage/safety-ladder.js';
import type { AccountTerms } from '../../../ports/venue/account-terms.js';
import type { VenueSession } from '../../../ports/venue/venue-session.js';

const RECORD = 'account_terms';

interface Known {
  positionMode?: PositionMode;
  marginMode?: MarginMode;
  readonly leverages: Map<string, string>;
  readonly marginModes: Map<string, MarginMode>;
  mayTrade?: boolean;
  mayWithdraw?: boolean;
  multiAsset?: boolean;
  feesIn?: string;
}

/**
 * How the account trades, as the venue tells it, against what the bot takes for granted: one net position an
 * instrument, margin as it was when it was last looked at, leverage within the limits, a key that trades and cannot
 * withdraw. What is worse tightens the safety state. The newest terms are a record, so that a change while the bot was
 * down is seen too.
 */
export class TermsWatch {
  private readonly known: Known = { leverages: new Map(), marginModes: new Map() };
  private written = '';

  constructor(
    private readonly config: ConfigController,
    private readonly session: VenueSession,
    private readonly journal: EventStore,
    private readonly ladder: SafetyLadder,
    private readonly logger: Logger,
  ) {}

  restore(): void {
    const newest = this.journal.query({ types: [RECORD], limit: 1 }).at(-1)?.payload;
    if (newest === undefined) return;
    const { known } = this;
    const { position_mode, margin_mode, leverages, margin_modes, may_trade, may_withdraw } = newest;
    const { multi_asset, fees_in } = newest;
    if (typeof position_mode === 'string') known.positionMode = position_mode as PositionMode;
    if (typeof margin_mode === 'string') known.marginMode = margin_mode as MarginMode;
    for (const [symbol, value] of textsOf(leverages)) known.leverages.set(symbol, value);
    for (const [symbol, value] of textsOf(margin_modes)) known.marginModes.set(symbol, value as MarginMode);
    if (typeof may_trade === 'boolean') known.mayTrade = may_trade;
    if (typeof may_withdraw === 'boolean') known.mayWithdraw = may_withdraw;
    if (typeof multi_asset === 'boolean') known.multiAsset = multi_asset;
    if (typeof fees_in === 'string') known.feesIn = fees_in;
    this.written = JSON.stringify(this.record());
  }

  /** True when something is not as it was. The terms have been read; what they do not say is as before. */
  take(terms: AccountTerms): boolean {
    const { known } = this;
    const changed = this.changedModes(terms);
    if (terms.positionMode !== undefined) known.positionMode = terms.positionMode;
    if (terms.marginMode !== undefined) known.marginMode = terms.marginMode;
    for (const { symbol, leverage, marginMode } of terms.symbols ?? []) {
      if (leverage !== undefined) known.leverages.set(symbol, leverage.toString());
      if (marginMode !== undefined) known.marginModes.set(symbol, marginMode);
    }
    if (terms.permissions !== undefined) known.mayTrade = terms.permissions.trade;
    if (terms.permissions?.withdraw !== undefined) known.mayWithdraw = terms.permissions.withdraw;
    if (terms.multiAsset !== undefined) known.multiAsset = terms.multiAsset;
    if (terms.feesIn !== undefined) known.feesIn = terms.feesIn;
    this.judge(terms, changed);
    this.compare();
    return this.keep();
  }

  /**
   * Symbols whose margin mode is another one than it was: their positions are not what they were opened as. One that
   * has become what it is declared to be was changed at a start, when nothing was open.
   */
  private changedModes({ marginMode, symbols = [] }: AccountTerms): readonly string[] {
    const { known } = this;
    const declared = this.config.current.account.marginMode;
    const isChanged = (now: MarginMode | undefined, before: MarginMode | undefined): boolean =>
      now !== undefined && before !== undefined && now !== before && now !== declared;
    const own = symbols.filter(({ symbol, marginMode: now }) =>
      isChanged(now, known.marginModes.get(symbol) ?? known.marginMode),
    );
    const whole = isChanged(marginMode, known.marginMode);
    return whole ? ['the account'] : own.map(({ symbol }) => symbol);
  }

  private judge({ symbols = [] }: AccountTerms, changedModes: readonly string[]): void {
    const { positionMode, mayTrade, mayWithdraw } = this.known;
    if (positionMode === 'hedge' && this.session.capabilities.hedges !== true)
      this.worse('HALTED', 'account_position_mode', { position_mode: positionMode });
    if (changedModes.length > 0) this.worse('HALTED', 'account_margin_mode', { changed: changedModes });
    if (mayTrade === false) this.worse('HALTED', 'account_may_not_trade', {});
    if (mayWithdraw === true) this.worse('REDUCE_ONLY', 'account_may_withdraw', {});
    // Where each order names its leverage, the one that the account has now says nothing of the next.
    if (this.session.capabilities.leverage === 'per_order') return;
    const { maxLeverage, leverageMaxPerSymbol } = this.config.current.risk;
    for (const { symbol, leverage } of symbols) {
      const most = leverageMaxPerSymbol[symbol] ?? maxLeverage;
      if (leverage?.gt(most) === true && this.config.current.symbols.includes(symbol))
        this.worse('REDUCE_ONLY', 'account_leverage', {
          symbol,
          leverage: leverage.toString(),
          limit: most.toString(),
        });
    }
  }

  /** What is known against what is declared; what nobody has told is no difference here. */
  private compare(): void {
    const { known } = this;
    const { account, symbols } = this.config.current;
    const view: TermsView = {
      ...known,
      marginModeOf: (symbol) => known.marginModes.get(symbol) ?? known.marginMode,
      leverageOf: (symbol) => known.leverages.get(symbol),
    };
    for (const { term, now, ...difference } of differencesOf(account, view, symbols)) {
      if (now === undefined) continue;
      const isMode = term !== 'leverage' && term !== 'feesIn';
      this.worse(isMode ? 'HALTED' : 'REDUCE_ONLY', `account_not_as_declared: ${term}`, { now, ...difference });
    }
  }

  private worse(to: SafetyState, reason: string, fields: Readonly<Record<string, unknown>>): void {
    if (this.ladder.state !== to || this.ladder.reason !== reason)
      this.logger.error('The account does not trade as it must', { reason, ...fields });
    tighten(this.ladder, to, reason, this.logger);
  }

  private keep(): boolean {
    const record = this.record();
    const text = JSON.stringify(record);
    if (text === this.written) return false;
    this.written = text;
    this.journal.append(RECORD, record);
    return true;
  }

  private record(): Payload {
    const { positionMode, marginMode, leverages, marginModes, mayTrade, mayWithdraw, multiAsset, feesIn } = this.known;
    return {
      position_mode: positionMode ?? null,
      margin_mode: marginMode ?? null,
      leverages: Object.fromEntries(leverages),
      margin_modes: Object.fromEntries(marginModes),
      may_trade: mayTrade ?? null,
      may_withdraw: mayWithdraw ?? null,
      ...(multiAsset === undefined ? {} : { multi_asset: multiAsset }),
      ...(feesIn === undefined ? {} : { fees_in: feesIn }),
    };
  }
}

function textsOf(value: Json | undefined): readonly (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, text]) => (typeof text === 'string' ? [[key, text] as const] : []));
}
