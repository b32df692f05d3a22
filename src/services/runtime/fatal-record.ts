import { messageOf, PerpsBotError } from '../../domain/errors.js';
import type { EventStore, StoredEvent } from '../../ports/storage/event-store.js';

/** What the bot died of, where a journal is open to take it: the next start counts its fatal starts by such records. */
export function recordFatal(events: EventStore, during: 'start' | 'run', error: unknown): void {
  const known = PerpsBotError.is(error) ? error : undefined;
  try {
    events.append('fatal', {
      during,
      code: known?.code ?? null,
      consequence: known?.consequence ?? null,
      error: messageOf(error),
    });
  } catch {
    // No journal is open: the start has sent nothing, and its error is told to whoever started it.
  }
}

/** What it ended has sent nothing, and did not die: no venue was found, or a start was refused. */
export const isHarmless = ({ during, consequence, code }: StoredEvent['payload']): boolean =>
  consequence === 'transient' ||
  (during === 'start' && typeof code === 'string' && /^(CFG-|VENUE-|STORE-005$)/.test(code));
