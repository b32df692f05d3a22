import type { BotStatus } from '../../ports/core-services/operator-control.js';

/** A mark of this age is no news. */
const CURRENT_MS = 10_000;

/** What is old is said to be: whoever reads it cannot see that no newer one has come. */
export const ageText = (at: number | null | undefined, now: number | undefined): string =>
  at === undefined || at === null || now === undefined || now - at < CURRENT_MS ? '' : `, ${secondsText(now - at)} old`;

export const secondsText = (ms: number): string => `${Math.round(ms / 1_000)} s`;

/** A venue that is not heard of: what stands below it is what the bot believes. */
export function reachLines({ reach, at }: BotStatus): (readonly [string, string])[] {
  if (reach === undefined) return [];
  const { answeredAt, silentSince, why, streamDownSince } = reach;
  const ago = (since: number): string =>
    at === undefined ? iso(since) : `${iso(since)}, ${secondsText(at - since)} ago`;
  const last = answeredAt === null ? 'none was' : `the last was ${ago(answeredAt)}`;
  return [
    ...(silentSince === null
      ? []
      : [['Venue', `NOT REACHED since ${iso(silentSince)}: no question is answered, ${last}; ${why ?? '?'}`] as const]),
    ...(streamDownSince === null
      ? []
      : [['Venue', `its stream of the account is DOWN since ${ago(streamDownSince)}: fills are asked for`] as const]),
  ];
}

/** An order as it stands, not as our log calls it. */
const STATUS_WORDS: Readonly<Record<string, string>> = {
  planned: 'not sent yet',
  sending: 'on its way',
  unknown: 'OUTCOME NOT KNOWN: it may be live, or filled',
  partially_filled: 'open, filled in part',
};
export const statusWords = (status: string): string => STATUS_WORDS[status] ?? status;

const iso = (at: number): string => new Date(at).toISOString();
