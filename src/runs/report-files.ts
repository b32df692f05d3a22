import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { fault } from '../domain/errors.js';
import type { Json } from '../ports/storage/event-store.js';
import { canonicalJson } from '../platform/canonical-json.js';
import { SeededRandom } from '../platform/seeded-random.js';
import { parseRun, type RunOrigin, type SavedRun } from '../report/run-record.js';
import { tearSheet } from '../report/tear-sheet.js';
import type { ConfigRequest } from './config-request.js';
import { refusedRequest } from './refused-request.js';
import type { ReportHost } from './run-host.js';

/** Settings a report shows; secrets are redacted where they come from. */
const SHOWN = ['simulation.', 'strategy.', 'risk.', 'execution.'];
/** Where generated markets begin: a recorded one begins where it did. */
const LEFT_OUT = 'simulation.startPrices.';
const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

/** What produced a run, for its report: build, configuration and the command that gives it again. */
export function originOf(
  host: ReportHost,
  request: ConfigRequest,
  command: readonly string[],
  strategyFile?: string,
): RunOrigin {
  const { config, origins } = host.loadConfig(request);
  const settings = Object.fromEntries(origins.map(({ path, value }): readonly [string, Json] => [path, value]));
  return {
    build: host.build.commit === undefined ? host.build.version : `${host.build.version}+${host.build.commit}`,
    node: host.build.node,
    savedAt: new Date(host.clock.wall()).toISOString(),
    command: shellLine(command),
    ...(strategyFile === undefined ? {} : fingerprintOf(host, strategyFile)),
    configurationHash: sha256(canonicalJson(settings)),
    profile: config.profile,
    settings: Object.fromEntries(
      Object.entries(settings).filter(
        ([path]) => SHOWN.some((prefix) => path.startsWith(prefix)) && !path.startsWith(LEFT_OUT),
      ),
    ),
    lookAhead: 'not run',
  };
}

/** None of a file that is gone by now: what is there then is not what ran. */
function fingerprintOf(host: Pick<ReportHost, 'readFile'>, path: string): Pick<RunOrigin, 'strategyFile'> {
  const bytes = host.readFile(path);
  return bytes === undefined ? {} : { strategyFile: { path, sha256: sha256(bytes) } };
}

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** Words as a shell takes them, quoted where they need it. */
export const shellLine = (words: readonly string[]): string =>
  words.map((word) => (PLAIN_WORD.test(word) ? word : `'${word.replace(/'/g, "'\\''")}'`)).join(' ');

/**
 * What a command will write to, by flag, before the work whose answer goes there: a run of an hour must not end in a
 * path that cannot be written. Throws what writing would throw, CLI-001 for two of one path or one that is read too.
 */
export function checkOutputs(
  host: Pick<ReportHost, 'checkOutput'>,
  outputs: Readonly<Record<string, string | undefined>>,
  inputs: Readonly<Record<string, string | undefined>> = {},
): void {
  const taken = new Map<string, string>();
  const named = (flags: typeof outputs): (readonly [string, string])[] =>
    Object.entries(flags).flatMap(([flag, path]) => (path === undefined ? [] : [[flag, path] as const]));
  for (const [flag, path] of named(inputs)) taken.set(resolve(path), flag);
  for (const [flag, path] of named(outputs)) {
    const other = taken.get(resolve(path));
    if (other !== undefined)
      throw refusedRequest(`${flag} must be a file of its own, was that of ${other}: ${path}.`, 'Name another.');
    taken.set(resolve(path), flag);
    host.checkOutput(path);
  }
}

/** Writes the page whole or not at all, and returns its path. */
export function writeReport(host: Pick<ReportHost, 'writeAtomic'>, path: string, run: SavedRun): string {
  host.writeAtomic(path, tearSheet(run, new SeededRandom()));
  return path;
}

export function saveRun(host: Pick<ReportHost, 'writeAtomic'>, path: string, run: SavedRun): string {
  host.writeAtomic(path, `${JSON.stringify(run)}\n`);
  return path;
}

/** Makes the report of a saved run. Throws DATA-002 where there is none, REPORT-* for a file that is something else. */
export function reportSavedRun(
  host: Pick<ReportHost, 'readFile' | 'writeAtomic' | 'checkOutput'>,
  { from, out }: { readonly from: string; readonly out: string },
): { readonly path: string; readonly run: SavedRun } {
  checkOutputs(host, { '--out': out }, { '--from': from });
  const bytes = host.readFile(from);
  if (bytes === undefined)
    throw fault('DATA-002', `--from must name a file that exists, was ${from}.`, {
      where: from,
      fix: 'Save a run with: perpsbot backtest ... --save result.json',
    });
  const run = parseRun(new TextDecoder().decode(bytes), from);
  return { path: writeReport(host, out, run), run };
}
