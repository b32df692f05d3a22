import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, type LoadedConfig, type LoadOptions } from '#config/index.js';
import { PerpsBotError } from '#src/domain/errors.js';

/** A directory of its own, with these files in it. */
export function directoryWith(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'perpsbot-config-'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
  return directory;
}

/** Loads `bot.yaml` with this content. */
export function loadYaml(content: string, options: Partial<LoadOptions> = {}): LoadedConfig {
  return loadConfig({ file: 'bot.yaml', env: {}, cwd: directoryWith({ 'bot.yaml': content }), ...options });
}

export const loadProfile = (profile: string, options: Partial<LoadOptions> = {}): LoadedConfig =>
  loadConfig({ profile, env: {}, cwd: '/', ...options });

export const loadEnv = (env: Record<string, string>, options: Partial<LoadOptions> = {}): LoadedConfig =>
  loadProfile('demo', { env, ...options });

/** The error that an action throws; fails when it throws none of ours. */
export function errorOf(action: () => unknown): PerpsBotError {
  try {
    action();
  } catch (error) {
    if (PerpsBotError.is(error)) return error;
    throw error;
  }
  throw new Error('Nothing was thrown.');
}

/** Limits that let a live profile start. */
export const LIVE_LIMITS = `risk:
  maxOrderNotional: 1000 USDT
  maxPositionSize: 5000 USDT
  maxGrossNotional: 10000 USDT
  maxLeverage: 3
  dailyLossLimit: 50 USDT
  maxDrawdown: 8%
  priceCollar: 100bps
  ordersPerMinute: 30
  maxUnattendedEntries: 200
  maxEquityAge: 120s
`;
