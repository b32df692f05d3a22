import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, renameSync, rmSync } from 'node:fs';
import { SecretRedactor } from '#src/platform/secret-redactor.js';
import { SqliteEventStore } from '#src/storage/sqlite/event-store.js';
import { loadSqliteDriver } from '#src/storage/sqlite/runtime-sqlite.js';
import type { Logger } from '#src/ports/configuration/logger.js';
import type { Scheduler } from '#src/ports/configuration/scheduler.js';
import type { ConfigController } from '#src/ports/configuration/settings/config-controller.js';
import { barRow, generate } from './generated-rows.js';
import { machine, rounded, spreadOf } from './method.js';

const RECORDS = 1_000_000;
const BARS = 30_000;
const FILE = '.cache/bench/journal-bars.csv';
const STATE = '.cache/bench/million-records';
const RUN = '.cache/bench/started';
const ROUNDS = 7;
/** Above the start of a bot that has no state yet. */
const BOUNDS = { cpuMs: 400, rssMb: 60 } as const;
const TELL =
  'data:text/javascript,process.on("exit",()=>process._rawDebug("TAKEN "+JSON.stringify(process.resourceUsage())))';

/**
 * What a start over a million records costs more than one over none: whole processes in turns, one cycle each. The
 * records are a run of the built-in strategy, some two thousand fills, and behind it the marks and figures of a bot
 * that only looks.
 */
export async function journalBench(): Promise<Record<string, unknown>> {
  const before = machine();
  if (!existsSync(STATE)) await makeState();
  const rounds = Array.from({ length: ROUNDS }, () => ({ over: started(STATE), none: started(undefined) }));
  rmSync(RUN, { recursive: true, force: true });
  const more = (of: (taken: Taken) => number): number =>
    rounded(
      spreadOf(
        rounds.map(({ over }) => of(over)),
        1,
      ).min -
        spreadOf(
          rounds.map(({ none }) => of(none)),
          1,
        ).min,
      0,
    );
  const [cpuMs, rssMb] = [more((taken) => taken.cpuMs), more((taken) => taken.rssMb)];
  return {
    ok: cpuMs <= BOUNDS.cpuMs && rssMb <= BOUNDS.rssMb,
    cpuMs,
    rssMb,
    bounds: BOUNDS,
    emptyCpuMs: spreadOf(
      rounds.map(({ none }) => none.cpuMs),
      0,
    ),
    method: `${ROUNDS} rounds in turns; least of each, one less the other; start and stop of whole processes`,
    machine: before,
  };
}

async function makeState(): Promise<void> {
  const made = `${STATE}-made`;
  rmSync(made, { recursive: true, force: true });
  await generate(FILE, 'ts_ms,symbol,open,high,low,close,volume', barRow, BARS);
  perpsbot(['backtest', '--step', '--data', FILE, '--state', made]);
  await lookOn(made);
  // Copies of what a start needs, made by the first.
  perpsbot(['start', '--cycles', '1', '--speed', 'max', '--state', made]);
  renameSync(made, STATE);
}

/** Adds what a bot writes that looks and does nothing, until there are records enough. */
async function lookOn(directory: string): Promise<void> {
  let now = Date.UTC(2024, 2, 1);
  const current = { botId: 'perps-bot', profile: 'demo', storage: { driver: 'sqlite', directory } };
  const quiet = (): undefined => undefined;
  const store = new SqliteEventStore(
    { current } as unknown as ConfigController,
    { now: () => now },
    { after: () => quiet } as unknown as Scheduler,
    loadSqliteDriver(),
    { debug: quiet, info: quiet, warn: quiet, error: quiet } as unknown as Logger,
    new SecretRedactor(),
  );
  store.open();
  for (let left = RECORDS - store.lastSeq; left > 0; left -= 1) {
    now += 1_000;
    const mark = (40_000 + (left % 997)).toFixed(2);
    if (left % 6 === 0) store.append('cycle_metrics', { timestamp: new Date(now).toISOString(), equity: '10000' });
    else store.append('ws_mark_update', { symbol: 'BTC-PERP', mark });
  }
  await store.close();
}

interface Taken {
  readonly cpuMs: number;
  readonly rssMb: number;
}

function started(state: string | undefined): Taken {
  rmSync(RUN, { recursive: true, force: true });
  if (state !== undefined) cpSync(state, RUN, { recursive: true });
  return perpsbot(['start', '--cycles', '1', '--speed', 'max', '--state', RUN]);
}

/** Samples stay in the journal, however old: all of it is what is measured. */
function perpsbot(words: readonly string[]): Taken {
  const kept = ['--json', '--set', 'storage.keepSamples=3650d'];
  const { stderr, status } = spawnSync(process.execPath, ['--import', TELL, 'dist/launch.js', ...words, ...kept], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`${words.join(' ')} ended with ${status ?? 'a signal'}: ${stderr.slice(-2_000)}`);
  const usage = JSON.parse(/TAKEN (.*)/.exec(stderr)?.[1] ?? '{}') as NodeJS.ResourceUsage;
  return { cpuMs: (usage.userCPUTime + usage.systemCPUTime) / 1_000, rssMb: usage.maxRSS / 1_024 };
}
