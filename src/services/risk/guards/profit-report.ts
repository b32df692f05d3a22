import { HOUR_MS } from '../../../domain/time-spans.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import { amount } from '../amount-text.js';
import { GuardFailure } from './guard-failure.js';

interface Said {
  readonly lots: number;
  readonly realised: number;
  readonly at: number;
}

/** Says what positions have earned: each when its size or its realised profit has changed, else once an hour. */
export class ProfitReport {
  private readonly said = new Map<string, Said>();

  constructor(
    private readonly portfolio: Portfolio,
    private readonly logger: Logger,
  ) {}

  run(now: number): void {
    const broken: string[] = [];
    for (const position of this.portfolio.positions()) {
      const { instrument, lots, realised } = position;
      const { symbol } = instrument;
      const said = this.said.get(symbol);
      if (said === undefined ? position.isFlat && realised === 0 : !isNews(said, lots, realised, now)) continue;
      try {
        const mark = this.portfolio.lastMark(symbol);
        this.logger.info('pnl_update', {
          symbol,
          realized_pnl: amount(instrument.unit, realised),
          unrealized_pnl: mark === undefined ? null : amount(instrument.unit, position.unrealised(mark)),
          position_size: position.size.toString(),
        });
        this.said.set(symbol, { lots, realised, at: now });
      } catch {
        broken.push(symbol);
      }
    }
    if (broken.length > 0)
      throw new GuardFailure('pnl_telemetry', 'telemetry', `Profit could not be reported for ${broken.join(', ')}.`);
  }
}

/** What has been closed stays as it was told. */
const isNews = (said: Said, lots: number, realised: number, now: number): boolean =>
  lots !== said.lots || realised !== said.realised || (lots !== 0 && Math.abs(now - said.at) >= HOUR_MS);
