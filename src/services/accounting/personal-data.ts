import type { Json, Payload } from '../../ports/storage/event-store.js';
import { REDACTED } from '../../ports/configuration/redactor.js';

const PERSONAL = /uuid|iban|swift|account_?(number|holder)|routing|card|email|phone|postal|address|birth|tax_?id/i;
/** Lists whose length is worth knowing and whose content is nobody's business. */
const COUNTED = /^(payment_?methods|portfolios|bank_?accounts)$/i;

/** The same snapshot without personal data: private lists reduced to their length, personal fields masked. */
export function withoutPersonalData(source: Payload): Payload {
  const clean: Record<string, Json> = {};
  for (const [key, value] of Object.entries(source)) {
    if (value === undefined) continue;
    if (COUNTED.test(key) && Array.isArray(value)) clean[key] = { count: value.length };
    else clean[key] = PERSONAL.test(key) ? REDACTED : cleaned(value);
  }
  return clean;
}

function cleaned(value: Json): Json {
  if (value === null || typeof value !== 'object') return value;
  return Array.isArray(value) ? value.map((item: Json) => cleaned(item)) : withoutPersonalData(value as Payload);
}
