import { createHash } from 'node:crypto';
import { DAY_MS } from '../../domain/time-spans.js';
import type { BotConfig } from '../../ports/configuration/settings/bot-config.js';
import type { UsdmHosts } from './hosts.js';

/** In the state directory: the newest preflight. */
export const PREFLIGHT_FILE = 'preflight.json';
const SCHEMA = 1;
const KEPT = 16;

/** What a preflight was of: another key, host or configuration was not looked at. */
export interface PreflightSubject {
  readonly keyHash: string;
  readonly hosts: string;
  readonly configHash: string;
}

interface PreflightRecord extends PreflightSubject {
  readonly schema: number;
  /** Host wall clock, epoch milliseconds. */
  readonly at: number;
  readonly passed: boolean;
}

/** Whatever order they were written in. */
const sorted = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, KEPT);

export function subjectOf(config: BotConfig, { restUrl, streamUrl }: UsdmHosts, apiKey: string): PreflightSubject {
  const { world, profile, botId, symbols, derivatives, risk, execution, account, venue } = config;
  const named = { world, profile, botId, symbols, derivatives, risk, execution, account, venue };
  return {
    keyHash: digest(apiKey),
    hosts: `${restUrl} ${streamUrl}`,
    configHash: digest(JSON.stringify(named, sorted)),
  };
}

export const preflightText = (subject: PreflightSubject, at: number, passed: boolean): string =>
  `${JSON.stringify({ schema: SCHEMA, at, passed, ...subject }, null, 2)}\n`;

/** Why nothing is ordered on the venue's production; undefined where it may be. The key is read last, if at all. */
export async function refusalOfProduction(
  text: string | undefined,
  subjectNow: () => Promise<PreflightSubject>,
  profile: string,
  now: number,
): Promise<string | undefined> {
  if (profile !== 'canary') return `its limits are those of profile ${profile}, not of the canary`;
  const record = text === undefined ? undefined : recordIn(text);
  if (record === undefined) return 'no preflight has been made with this state directory';
  if (record.passed !== true) return 'its newest preflight has not passed';
  const subject = await subjectNow();
  if (record.keyHash !== subject.keyHash) return 'its preflight was made with another key';
  if (record.hosts !== subject.hosts) return 'its preflight was made at another host';
  if (record.configHash !== subject.configHash) return 'its preflight was made with another configuration';
  const age = now - (record.at ?? Number.NEGATIVE_INFINITY);
  return age >= 0 && age <= DAY_MS ? undefined : 'its preflight is older than 24 hours';
}

function recordIn(text: string): Partial<PreflightRecord> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const record = typeof value === 'object' && value !== null ? (value as Partial<PreflightRecord>) : undefined;
    return record?.schema === SCHEMA && typeof record.at === 'number' ? record : undefined;
  } catch {
    return undefined;
  }
}
