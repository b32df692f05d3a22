import { fault } from '../../../domain/errors.js';
import type { Payload } from '../../../ports/storage/event-store.js';

/** A text field of a journal record; throws STORE-001 when it is something else. */
export function textOf(payload: Payload, key: string): string {
  const value = payload[key];
  if (typeof value !== 'string') throw fault('STORE-001', `Journal field ${key} must be text, was ${typeof value}.`);
  return value;
}

/** A number of a journal record; throws STORE-001 when it is something else. */
export function numberOf(payload: Payload, key: string): number {
  const value = payload[key];
  if (typeof value !== 'number')
    throw fault('STORE-001', `Journal field ${key} must be a number, was ${typeof value}.`);
  return value;
}
