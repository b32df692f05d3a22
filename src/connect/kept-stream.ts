import { messageOf } from '../domain/errors.js';
import type { Clock } from '../ports/configuration/clock.js';
import type { RandomStream } from '../ports/configuration/random.js';
import type { StreamingSettings } from '../ports/configuration/settings/streaming-settings.js';
import type { Subscription } from '../ports/venue/subscription.js';
import { backoffMs } from '../flow/backoff.js';
import { endOf, openInTime, shut, type OpeningPorts } from '../flow/stream-end.js';

/** What has stood for so long ended for a reason of its own: the pauses begin anew. */
const STEADY_MS = 60_000;

export interface KeptStreamPorts extends OpeningPorts {
  readonly config: OpeningPorts['config'] & {
    readonly current: { readonly streaming: Pick<StreamingSettings, 'reconnectMinMs' | 'reconnectMaxMs'> };
  };
  readonly clock: Clock;
  /** Takes up to a half off each pause: who lost one venue together does not return together. */
  readonly jitter: RandomStream;
}

export interface KeptStreamTerms {
  readonly open: (signal: AbortSignal) => Promise<Subscription>;
  readonly opened: (stream: Subscription) => void;
  /** It has ended, or did not open; it is opened again after a pause. */
  readonly lost: (why: string, pauseMs: number) => void;
}

/** Keeps one stream open until the signal aborts, with pauses that grow and never end sooner than the venue asked. */
export async function keepStream(
  ports: KeptStreamPorts,
  { open, opened, lost }: KeptStreamTerms,
  signal: AbortSignal,
): Promise<void> {
  const { clock, config, scheduler, logger, jitter } = ports;
  let failures = 0;
  while (!signal.aborted) {
    let openedAt = Number.NaN;
    let asked = 0;
    let why: string;
    let subscription: Subscription | undefined;
    try {
      subscription = await openInTime(() => open(signal), signal, ports);
      openedAt = clock.now();
      opened(subscription);
      why = (await endOf(subscription)) ?? 'it has ended';
    } catch (error) {
      why = messageOf(error);
      asked = (error as { readonly retryAfterMs?: number } | null)?.retryAfterMs ?? 0;
    } finally {
      shut(subscription, logger);
    }
    if (signal.aborted) return;
    failures = clock.now() - openedAt >= STEADY_MS ? 1 : failures + 1;
    const { reconnectMinMs, reconnectMaxMs } = config.current.streaming;
    const pauseMs = Math.max(asked, backoffMs(failures, reconnectMinMs, reconnectMaxMs, jitter));
    lost(why, pauseMs);
    await scheduler.sleep(pauseMs, signal);
  }
}
