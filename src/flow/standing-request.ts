import { isTighter, type SafetyState } from '../domain/safety.js';
import type { OperatorRequest } from '../ports/storage/operator-requests.js';

const STATES = { halt: 'HALTED', 'reduce-only': 'REDUCE_ONLY' } as const satisfies Record<string, SafetyState>;

interface StandingRequest {
  readonly state: SafetyState;
  readonly request: OperatorRequest;
}

/** Of requests, oldest first, the one whose word holds: the tightest, and of those the newest. */
export function standingRequest(requests: readonly OperatorRequest[]): StandingRequest | undefined {
  let standing: StandingRequest | undefined;
  for (const request of requests) {
    if (request.command === 'resume' || request.command === 'strategy resume') continue;
    const state = STATES[request.command];
    if (standing === undefined || !isTighter(standing.state, state)) standing = { state, request };
  }
  return standing;
}
