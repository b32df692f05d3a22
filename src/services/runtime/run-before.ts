import type { EventStore } from '../../ports/storage/event-store.js';
import { isHarmless } from './fatal-record.js';

/**
 * How the run before this one ended, for the log; undefined where there was none, where it was stopped in order, and
 * where all that it did was to find no venue. Asked while this run's own start is the newest record of its kind.
 */
export function endBefore(events: EventStore): string | undefined {
  if (events.discards === true) return undefined;
  const [before, own] = events.query({ types: ['bot_start', 'bot_stop', 'fatal'], limit: 2 });
  if (own?.type !== 'bot_start') return undefined;
  if (before?.type === 'bot_start') return 'it was killed, or its machine failed';
  return before?.type === 'fatal' && !isHarmless(before.payload) ? 'it failed' : undefined;
}
