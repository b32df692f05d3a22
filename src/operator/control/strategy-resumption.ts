import { fault, messageOf } from '../../domain/errors.js';
import type { Operator } from '../../ports/core-services/operator-control.js';
import type { EventStore, Payload } from '../../ports/storage/event-store.js';
import type { StrategyHost } from '../../ports/strategy/strategy-host.js';
import { unjournaled } from './bounds.js';

const COMMAND = 'strategy resume';

interface ResumptionPorts {
  readonly strategies: Pick<StrategyHost, 'resumeSuspended'>;
  readonly events: EventStore;
  /** Writes a command down; true once it is in the journal. */
  readonly note: (command: string, by: Operator, more: Payload) => Promise<boolean>;
  readonly tell: (command: typeof COMMAND, by: Operator, more: string) => void;
}

/**
 * Lets a suspended strategy go on. The safety state is not asked, and does not change: what holds for all holds for
 * this one.
 */
export class StrategyResumption {
  constructor(private readonly ports: ResumptionPorts) {}

  async resume(id: string, by: Operator, more: Payload = {}): Promise<void> {
    const { events, note, tell } = this.ports;
    const { actor, reason } = by;
    if (actor.trim() === '' || reason.trim() === '')
      throw fault('RISK-003', 'A strategy must be resumed with an operator and a reason, was without one.', {
        fix: 'Say why it is safe to go on: --reason "…".',
      });
    const asked = { strategy: id, ...more };
    if (!(await note(COMMAND, by, asked))) throw unjournaled();
    const outcome = { command: COMMAND, actor, ...asked };
    try {
      const instance = await this.letGoOn(id, by, more);
      events.append('operator_outcome', { ...outcome, outcome: 'done' });
      tell(COMMAND, by, `${instance} may enter again, `);
    } catch (error) {
      events.append('operator_outcome', { ...outcome, outcome: 'refused', detail: messageOf(error) });
      throw error;
    }
  }

  private async letGoOn(id: string, by: Operator, more: Payload): Promise<string> {
    const { strategies } = this.ports;
    if (strategies.resumeSuspended === undefined)
      throw fault('CTRL-002', 'strategy resume must find a host of strategies that suspends, found none.');
    return (await strategies.resumeSuspended(id, by, more)).instance;
  }
}
