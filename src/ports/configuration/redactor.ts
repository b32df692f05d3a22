import { token } from '../../injection/token.js';
import type { Json } from '../storage/event-store.js';

/** What replaces a secret wherever it would be shown. */
export const REDACTED = '[redacted]';

/** Keeps secrets out of logs, journals, snapshots and reports. Whoever reads a secret registers it first. */
export interface Redactor {
  /** From now on this value is replaced wherever it occurs. Values under four characters are ignored. */
  register(secret: string): void;
  /** Replaces registered values and what looks like a credential (keys, tokens, passwords in addresses). */
  text(value: string): string;
  /**
   * A record's JSON, with the registered values of sixteen characters and more replaced in its strings: a shorter one
   * may stand in a name by chance, and records are read again. Asked for every record. Absent: nothing is replaced.
   */
  record?(body: string): string;
  /** A plain copy of anything: secret-looking keys and values replaced at every depth. Never throws. */
  plain(value: unknown): Json;
}
export const Redactor = token<Redactor>('Redactor');
