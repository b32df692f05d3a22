import type { Clock } from '../../ports/configuration/clock.js';
import type { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import type { OrderLog } from '../../ports/core-services/execution.js';
import type { BotStatus, FlattenReport, WithdrawalReport } from '../../ports/core-services/operator-control.js';
import type { RiskManager } from '../../ports/core-services/risk-manager.js';
import type { MarkFreshness } from '../../ports/runtime-state/mark-freshness.js';
import type { Portfolio } from '../../ports/runtime-state/portfolio.js';
import type { VenueContact } from '../../ports/runtime-state/venue-contact.js';
import type { EventStore } from '../../ports/storage/event-store.js';
import type { SafetyLadder } from '../../ports/storage/safety-ladder.js';
import type { StrategyHost } from '../../ports/strategy/strategy-host.js';
import type { VenueSession } from '../../ports/venue/venue-session.js';
import { heldPositions, liveOrder } from './told.js';

export interface StatusPorts {
  readonly config: Pick<ConfigController, 'current'>;
  readonly events: Pick<EventStore, 'query'>;
  readonly ladder: Pick<SafetyLadder, 'state' | 'reason' | 'since'>;
  readonly portfolio: Portfolio;
  readonly log: Pick<OrderLog, 'open' | 'find'>;
  readonly session: Pick<VenueSession, 'capabilities'>;
  readonly risk: Pick<RiskManager, 'disabledStrategies'>;
  readonly strategies: Pick<StrategyHost, 'suspended'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly freshness: Pick<MarkFreshness, 'lastUpdate'>;
  readonly contact: Pick<VenueContact, 'reach'>;
}

/** What a person is told of a bot that answers. */
export function botStatus(
  { config, events, ladder, portfolio, log, session, risk, strategies, clock, freshness, contact }: StatusPorts,
  withdrawing: WithdrawalReport | null,
  flattening: FlattenReport | null,
): BotStatus {
  const { world, profile, updateIntervalMs: cycleMs } = config.current;
  const newest = events.query({ types: ['safety_state'], limit: 1 }).at(-1);
  const account = events.query({ types: ['account'], limit: 1 })[0]?.payload['account'];
  return {
    state: ladder.state,
    reason: ladder.reason ?? null,
    actor: ladder.state === 'NORMAL' ? null : textOr(newest?.payload['actor']),
    since: ladder.since ?? null,
    at: clock.now(),
    cycleMs,
    account: textOr(account),
    venue: session.capabilities.venue,
    world,
    profile,
    positionsKnown: portfolio.known,
    positions: heldPositions(portfolio, log, freshness),
    orders: log.open().map(liveOrder),
    withdrawing,
    reach: contact.reach,
    flattening,
    disabled: risk.disabledStrategies ?? [],
    suspended: (strategies.suspended?.() ?? []).map(({ instance, reason, at }) => ({ instance, reason, at })),
  };
}

const textOr = (value: unknown): string | null => (typeof value === 'string' ? value : null);
