import { fault } from '../../../domain/errors.js';
import type { Json, Payload, StoredEvent } from '../../../ports/storage/event-store.js';

/** Reads the fields of one record. Throws STORE-001, which names it, for what nobody of this product wrote there. */
export class CheckedRecord {
  constructor(readonly event: StoredEvent) {}

  get payload(): Payload {
    return this.event.payload;
  }

  text(key: string): string {
    return this.given(key, this.optionalText(key), 'text');
  }

  number(key: string): number {
    return this.given(key, this.optionalNumber(key), 'a number');
  }

  /** Null counts as absent. */
  optionalText(key: string): string | undefined {
    const value = this.payload[key] ?? undefined;
    if (value === undefined || typeof value === 'string') return value;
    throw this.unreadable(key, 'text');
  }

  optionalNumber(key: string): number | undefined {
    const value = this.payload[key] ?? undefined;
    if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value;
    throw this.unreadable(key, 'a number');
  }

  flag(key: string): boolean {
    const value = this.payload[key] ?? false;
    if (typeof value === 'boolean') return value;
    throw this.unreadable(key, 'true or false');
  }

  /** An object of the strategy's or of its plan, as it is. */
  optionalFields(key: string): Payload | undefined {
    const value: Json | undefined = this.payload[key] ?? undefined;
    if (value === undefined) return undefined;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Payload;
    throw this.unreadable(key, 'an object');
  }

  private given<T>(key: string, value: T | undefined, what: string): T {
    if (value !== undefined) return value;
    throw this.unreadable(key, what);
  }

  private unreadable(key: string, what: string): Error {
    const { seq, type } = this.event;
    const value = JSON.stringify(this.payload[key]);
    return fault('STORE-001', `${key} of record ${seq} (${type}) must be ${what}, was ${value}.`);
  }
}
