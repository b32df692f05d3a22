import { messageOf } from '../../domain/errors.js';
import { DAY_MS } from '../../domain/time-spans.js';
import type { HostClock } from '../../ports/configuration/clock.js';
import type { Logger } from '../../ports/configuration/logger.js';
import type { Operator } from '../../ports/core-services/operator-control.js';
import type { EventStore, Payload } from '../../ports/storage/event-store.js';
import type { OperatorRequest, OperatorRequests } from '../../ports/storage/operator-requests.js';
import type { SafetyLadder } from '../../ports/storage/safety-ladder.js';

/** A request to resume that is older than this was not meant for this start. */
const RESUME_WITHIN_MS = DAY_MS;
/** Two hosts' clocks, or one that was set, may differ by so much. */
const CLOCKS_DIFFER_MS = 300_000;

export interface WaitingPorts {
  readonly requests: OperatorRequests;
  readonly ladder: Pick<SafetyLadder, 'heed'>;
  readonly events: EventStore;
  readonly clock: HostClock;
  readonly logger: Logger;
  /** Carries out what tightens; true once it is in the journal. */
  readonly begin: (command: 'halt' | 'reduce-only', by: Operator, asked: Payload) => Promise<boolean>;
  readonly loosen: (by: Operator, asked: Payload) => Promise<void>;
}

/** What was left beside the journal, each taken into it once. */
export class WaitingRequests {
  /** Those that are being taken. */
  private readonly taken = new Set<string>();
  private ready = false;

  constructor(private readonly ports: WaitingPorts) {}

  close(): void {
    this.ready = false;
  }

  takeUp(): void {
    for (const request of this.waiting()) {
      const { command, actor, reason } = request;
      if (command === 'resume' || this.taken.has(request.id)) continue;
      this.taken.add(request.id);
      const asked = { request: request.id, asked_at: request.at };
      void this.ports.begin(command, { actor, reason }, asked).then((isNoted) => this.putAway(request, isNoted));
    }
    if (this.ready) this.honour();
  }

  honour(): void {
    this.ready = true;
    for (const request of this.waiting()) {
      if (request.command !== 'resume' || this.taken.has(request.id)) continue;
      this.taken.add(request.id);
      void this.resumeAsAsked(request).finally(() => this.putAway(request, true));
    }
  }

  /** A request that was left while no bot ran is honoured once, and only soon after. */
  private async resumeAsAsked({ id, actor, reason, at }: OperatorRequest): Promise<void> {
    const asked = { request: id, asked_at: at };
    const age = this.ports.clock.wall() - at;
    if (!(age <= RESUME_WITHIN_MS && age >= -CLOCKS_DIFFER_MS)) {
      this.ports.logger.warn('A request to resume is too old and was not honoured', { actor, asked_at: at });
      this.ports.events.append('operator_outcome', { command: 'resume', actor, outcome: 'too_old', ...asked });
      return;
    }
    try {
      await this.ports.loosen({ actor, reason }, asked);
      this.ports.logger.warn('Resumed as asked before the start', { actor, reason });
    } catch (error) {
      this.ports.logger.error('A request to resume was not honoured', { actor, error: messageOf(error) });
    }
  }

  /** One that cannot be read is heeded by the safety state itself. */
  private waiting(): readonly OperatorRequest[] {
    try {
      return this.ports.requests.waiting();
    } catch (error) {
      this.ports.logger.error('Requests of operators cannot be read', { error: messageOf(error) });
      this.ports.ladder.heed();
      return [];
    }
  }

  private putAway(request: OperatorRequest, isNoted: boolean): void {
    if (!isNoted) return;
    try {
      this.ports.requests.done(request);
      this.taken.delete(request.id);
    } catch (error) {
      this.ports.logger.error('A request that was taken up could not be removed', {
        request: request.id,
        error: messageOf(error),
      });
    }
  }
}
