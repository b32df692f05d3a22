import { createHmac, timingSafeEqual } from 'node:crypto';
import { fault } from '../../domain/errors.js';
import { DAY_MS } from '../../domain/time-spans.js';
import type { Json } from '../../ports/storage/event-store.js';

const LEAST_SECRET = 16;
/** A job or a result is believed for a day: as long as results wait for a sweep that was interrupted. */
const GOOD_FOR_MS = DAY_MS;

/** Something that went through a queue which others may reach too: what it says, until when it holds, and by whom. */
export type Sealed = Readonly<{ body: string; expiresAt: number; mac: string }>;

/** Signs jobs and results with a secret that sweep and workers share. The id belongs to what is signed. */
export class Seal {
  /** Throws CLI-001 for a secret that is none. It is never repeated. */
  constructor(
    private readonly secret: string | undefined,
    private readonly now: () => number,
  ) {
    if (secret === undefined || secret.length < LEAST_SECRET)
      throw fault(
        'CLI-001',
        `A queue must have a shared secret of at least ${LEAST_SECRET} characters, and has none.`,
        {
          why: 'Whoever reaches the queue could hand in work of his own, and results that he invented.',
          fix: 'Set PERPSBOT_QUEUE_SECRET to the same value for the sweep and for every worker.',
        },
      );
  }

  close(kind: 'job' | 'result', id: string, value: Json): Sealed {
    const body = JSON.stringify(value);
    const expiresAt = this.now() + GOOD_FOR_MS;
    return { body, expiresAt, mac: this.macOf(kind, id, expiresAt, body) };
  }

  /** Throws SWEEP-006 for what nobody with the secret has said of this id, or said too long ago. */
  open(kind: 'job' | 'result', id: string, sealed: unknown): Json {
    const { body, expiresAt, mac } = (sealed ?? {}) as Partial<Record<keyof Sealed, unknown>>;
    if (typeof body !== 'string' || typeof expiresAt !== 'number' || typeof mac !== 'string')
      throw unbelieved(kind, 'was of another shape');
    const [given, right] = [Buffer.from(mac, 'hex'), Buffer.from(this.macOf(kind, id, expiresAt, body), 'hex')];
    if (given.length !== right.length || !timingSafeEqual(given, right))
      throw unbelieved(kind, 'was signed by nobody with the secret');
    if (!(this.now() < expiresAt)) throw unbelieved(kind, 'has expired');
    return JSON.parse(body) as Json;
  }

  private macOf(kind: string, id: string, expiresAt: number, body: string): string {
    return createHmac('sha256', this.secret ?? '')
      .update(JSON.stringify([kind, id, expiresAt, body]))
      .digest('hex');
  }
}

const unbelieved = (kind: string, was: string): Error =>
  fault('SWEEP-006', `A ${kind} from the queue must be signed with the shared secret, ${was}.`, {
    fix: 'Set the same PERPSBOT_QUEUE_SECRET on every machine; if it is the same, somebody else writes to the queue.',
  });
