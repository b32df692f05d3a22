import { refusedRequest as usage } from '../runs/refused-request.js';
import { barIntervalOf, UNIT_MS } from '../domain/time-spans.js';

export { usage };

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** `30s`, `5m`, `1.5h` in milliseconds. */
export function durationFlag(flag: string, text: string): number {
  const [, amount = '', unit = ''] = DURATION.exec(text) ?? [];
  const ms = Number(amount) * (UNIT_MS[unit] ?? NaN);
  if (!(amount !== '' && ms > 0))
    throw usage(
      `${flag} must be a duration with its unit, was "${text}".`,
      `Write for example ${flag} 30s, ${flag} 5m or ${flag} 1h.`,
    );
  return ms;
}

/** `5m`, `1w`, `1M`: the length of a bar, in milliseconds. */
export function intervalFlag(flag: string, text: string): number {
  const ms = barIntervalOf(text);
  if (ms !== undefined) return ms;
  throw usage(
    `${flag} must be the length of a bar, was "${text}".`,
    `Write for example ${flag} 5m, ${flag} 1d, ${flag} 1w or ${flag} 1M for a month; of several weeks or months nobody knows where they begin.`,
  );
}

/** A name of the time zone database, as the runtime spells it. */
export function zoneFlag(name: string): string {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    throw usage(
      `--zone must be a name of the time zone database, was "${name}".`,
      'Write for example --zone Europe/Berlin or --zone America/New_York.',
    );
  }
}

export function countFlag(flag: string, text: string, least: number): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (!(value >= least))
    throw usage(
      `${flag} must be a whole number from ${least}, was "${text}".`,
      `Write for example ${flag} ${Math.max(least, 10)}.`,
    );
  return value;
}

/** World seconds for a host second, or `max`. */
export function speedFlag(text: string): number | 'max' {
  if (text === 'max') return 'max';
  const value = /^\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : NaN;
  if (!(value > 0))
    throw usage(
      `--speed must be a positive number or max, was "${text}".`,
      'Write for example --speed 1, --speed 20 or --speed max.',
    );
  return value;
}

/** `key=value` pairs of a repeated flag; a key given twice is refused. */
export function pairsFlag(flag: string, texts: readonly string[]): Record<string, string> {
  const pairs = new Map<string, string>();
  for (const text of texts) {
    const at = text.indexOf('=');
    const key = text.slice(0, Math.max(0, at)).trim();
    if (key === '') throw usage(`${flag} must be key=value, was "${text}".`, `Write for example ${flag} shortMa=10.`);
    if (pairs.has(key)) throw usage(`${flag} ${key} must be given once, was given twice.`, 'Remove one of them.');
    pairs.set(key, text.slice(at + 1).trim());
  }
  return Object.fromEntries(pairs);
}
