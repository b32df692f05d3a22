import { injectable } from 'inversify';
import { readFundingRate } from '../../border/market.js';
import { messageOf } from '../../domain/errors.js';
import type { Instrument } from '../../domain/instrument.js';
import type { FundingRate } from '../../domain/market.js';
import { MINUTE_MS } from '../../domain/time-spans.js';
import { inject } from '../../injection/inject.js';
import { Clock } from '../../ports/configuration/clock.js';
import { Logger } from '../../ports/configuration/logger.js';
import type { FundingOutlook } from '../../ports/core-services/risk-manager.js';
import { PendingWork } from '../../ports/runtime-state/runtime-state.js';
import { MarketFeed } from '../../ports/venue/market-feed.js';
import { askUnlessHeld } from '../../flow/left-alone.js';
import { UNLIMITED } from '../../flow/unlimited-requests.js';
import { RequestBudget } from '../../ports/core-services/request-budget.js';

/** A rate is used for so long after it was asked for. */
const USED_FOR_MS = MINUTE_MS;
/** Between two questions about one symbol that were not answered. */
const ASK_AGAIN_MS = 5_000;

interface Asked {
  /** When: the answer cannot be older than that, whatever the venue's clock says. */
  at: number;
  busy: boolean;
  answer: FundingRate | undefined;
}

/** The venue's funding rates, asked for when somebody wants to know one and the last answer is old. */
@injectable()
export class VenueFundingOutlook implements FundingOutlook {
  private readonly asked = new Map<string, Asked>();

  constructor(
    @inject(MarketFeed) private readonly feed: MarketFeed,
    @inject(Clock) private readonly clock: Clock,
    @inject(PendingWork) private readonly pending: PendingWork,
    @inject(Logger) private readonly logger: Logger,
    @inject(RequestBudget) private readonly budget: RequestBudget = UNLIMITED,
  ) {}

  find({ symbol }: Instrument, now: number): FundingRate | undefined {
    const known = this.asked.get(symbol);
    const age = now - (known?.at ?? Number.NEGATIVE_INFINITY);
    if (known?.answer !== undefined && Math.abs(age) <= USED_FOR_MS) return known.answer;
    if (known?.busy !== true && !(Math.abs(age) < ASK_AGAIN_MS)) this.pending.track(this.ask(symbol));
    return undefined;
  }

  private async ask(symbol: string): Promise<void> {
    const { budget, clock } = this;
    const asked: Asked = { at: this.clock.now(), busy: true, answer: undefined };
    this.asked.set(symbol, asked);
    try {
      asked.answer = readFundingRate(await askUnlessHeld(() => this.feed.getFundingRate(symbol), { budget, clock }));
    } catch (error) {
      this.logger.warn('Funding rate is not available', { symbol, error: messageOf(error) });
    } finally {
      asked.busy = false;
    }
  }
}
