import { messageOf } from '../domain/errors.js';
import type { Logger } from '../ports/configuration/logger.js';
import type { Operator } from '../ports/core-services/operator-control.js';
import type { EventStore, Payload } from '../ports/storage/event-store.js';

/** Journals a command with who asked and why; false where the journal cannot take it, which is logged. */
export type Note = (command: string, by: Operator, more: Payload) => Promise<boolean>;

export const noteIn =
  (events: Pick<EventStore, 'appendDurable'>, logger: Logger): Note =>
  async (command, { actor, reason }, more) => {
    try {
      await events.appendDurable('operator_command', { command, actor, reason, ...more });
      return true;
    } catch (error) {
      logger.error('A command of an operator could not be journaled', { command, actor, error: messageOf(error) });
      return false;
    }
  };
