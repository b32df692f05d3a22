import { messageOf } from '../../../domain/errors.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { AmendNews } from '../../../ports/core-services/execution.js';

type Listener = (news: AmendNews) => void;

/** Tells whoever listens what became of changes; one that fails costs the others nothing. */
export class ChangeNews {
  private readonly listeners = new Set<Listener>();

  constructor(private readonly logger: Logger) {}

  on(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(news: AmendNews): void {
    for (const listener of this.listeners) {
      try {
        listener(news);
      } catch (error) {
        this.logger.error('A listener of changes failed', { client_order_id: news.clientId, error: messageOf(error) });
      }
    }
  }
}
