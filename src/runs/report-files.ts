import { createHash } from 'node:crypto';
import type { Json } from '../ports/storage/event-store.js';
import { canonicalJson } from '../platform/canonical-json.js';
import { RandomImpl } from '../platform/random.js';
import type { RunOrigin, SavedRun } from '../report/run-record.js';
import { tearSheet } from '../report/tear-sheet.js';
import type { CliHost, ConfigRequest } from '../cli/host.js';

/** Settings a report shows; secrets are redacted where they come from. */
const SHOWN = ['simulation.', 'strategy.', 'risk.', 'execution.'];
/** Where generated markets begin: a recorded one begins where it did. */
const LEFT_OUT = 'simulation.startPrices.';
const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

/** What produced a run, for its report: build, configuration and the command that gives it again. */
export function originOf(host: CliHost, request: ConfigRequest, command: readonly string[]): RunOrigin {
  const { config, origins } = host.loadConfig(request);
  const settings = Object.fromEntries(origins.map(({ path, value }): readonly [string, Json] => [path, value]));
  return {
    build: host.build.commit === undefined ? host.build.version : `${host.build.version}+${host.build.commit}`,
    node: host.build.node,
    savedAt: new Date(host.clock.wall()).toISOString(),
    command: shellLine(command),
    configurationHash: createHash('sha256').update(canonicalJson(settings)).digest('hex'),
    profile: config.profile,
    settings: Object.fromEntries(
      Object.entries(settings).filter(
        ([path]) => SHOWN.some((prefix) => path.startsWith(prefix)) && !path.startsWith(LEFT_OUT),
      ),
    ),
    lookAhead: 'not run',
  };
}

/** Words as a shell takes them, quoted where they need it. */
export const shellLine = (words: readonly string[]): string =>
  words.map((word) => (PLAIN_WORD.test(word) ? word : `'${word.replace(/'/g, "'\\''")}'`)).join(' ');

/** Writes the page whole or not at all, and returns its path. */
export function writeReport(host: CliHost, path: string, run: SavedRun): string {
  host.writeAtomic(path, tearSheet(run, new RandomImpl()));
  return path;
}

export function saveRun(host: CliHost, path: string, run: SavedRun): string {
  host.writeAtomic(path, `${JSON.stringify(run)}\n`);
  return path;
}
