import type { EventStore } from '#src/ports/storage/event-store.js';
import type { OrderLog } from '#src/ports/core-services/execution.js';
import type { Portfolio } from '#src/ports/runtime-state/portfolio.js';
import type { SimulatedVenue } from '#src/venues/simulated/brokerage/venue.js';

export function appliedTo(portfolio: Portfolio): readonly string[];

export function differences(
  sides: {
    readonly portfolio: Portfolio;
    readonly applied: readonly string[];
    readonly log: OrderLog;
    readonly journal: EventStore;
    readonly venue: SimulatedVenue;
  },
  options?: { readonly settled?: boolean; readonly inOrder?: boolean },
): string[];
