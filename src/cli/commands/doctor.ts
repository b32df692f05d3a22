import { messageOf, PerpsBotError } from '../../domain/errors.js';
import type { BotConfig } from '../../ports/configuration/settings/bot-config.js';
import { configOf, type CommandSpec, type Context } from '../command.js';
import { EXIT } from '../exit-codes.js';

type State = 'ok' | 'warn' | 'fail';

interface Check {
  readonly name: string;
  readonly state: State;
  readonly message: string;
  readonly fix?: string;
}

const OLDEST_NODE = [20, 19] as const;
const MIB = 1_048_576;
const WARN_FREE = 1_024 * MIB;
const FAIL_FREE = 100 * MIB;
/** The program cannot have run before it was written: a clock earlier than this is wrong. */
const EARLIEST_CLOCK = Date.UTC(2025, 0, 1);
const LATEST_CLOCK = Date.UTC(2100, 0, 1);
const SIGN: Readonly<Record<State, string>> = { ok: '✓', warn: '!', fail: '✗' };

export const doctor: CommandSpec = {
  name: 'doctor',
  summary: 'Check this machine: runtime, store, disk, clock, configuration, journal. Needs no keys.',
  example: 'doctor --state ./var',
  kind: 'doctor.report',
  flags: [],
  async run(context) {
    const checks = await allChecks(context);
    const { table } = await import('../text/table.js');
    const failed = checks.some((check) => check.state === 'fail');
    return {
      kind: 'doctor.report',
      data: {
        checks: checks.map(({ name, state, message, fix }) => ({
          name,
          state,
          message,
          fix: state === 'ok' ? null : (fix ?? null),
        })),
      },
      text: [
        table(
          ['', 'check', 'found'],
          checks.map((check) => [SIGN[check.state], check.name, check.message]),
        ),
        ...checks.flatMap((check) =>
          check.fix === undefined || check.state === 'ok' ? [] : [`  Fix   ${check.name}: ${check.fix}`],
        ),
      ].join('\n'),
      exit: failed ? EXIT.checkFailed : EXIT.ok,
    };
  },
};

async function allChecks(context: Context): Promise<Check[]> {
  const { host } = context;
  const checks = [nodeCheck(host.build.node), sqliteCheck(context), clockCheck(host.clock.wall())];
  let config: BotConfig;
  try {
    const request = { ...configOf(context.flags), fallbackProfile: 'demo' };
    config = host.loadConfig(request).config;
    await host.assertFiles(request);
    checks.push({
      name: 'configuration',
      state: 'ok',
      message: `valid: profile ${config.profile}, ${config.world} world`,
    });
  } catch (error) {
    return [...checks, failure('configuration', error)];
  }
  checks.push(await strategyCheck(context));
  const { directory } = config.storage;
  if (directory === undefined)
    return [...checks, { name: 'state', state: 'ok', message: 'kept in memory: nothing survives the process' }];
  return [...checks, ...stateChecks(context, directory), journalCheck(context, config)];
}

/** What a start would say of it: a check that passes what a start refuses has checked nothing. */
async function strategyCheck({ host, flags }: Context): Promise<Check> {
  const { chosenBot } = await import('../chosen-bot.js');
  try {
    const { config, strategies } = await chosenBot(host, flags);
    host.assertStrategy(config, strategies);
    const { name, file } = host.loadConfig(config).config.strategy;
    return { name: 'strategy', state: 'ok', message: file === undefined ? name : `${name} of ${file}` };
  } catch (error) {
    return failure('strategy', error);
  }
}

function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const fine = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  return {
    name: 'node',
    state: fine ? 'ok' : 'fail',
    message: version,
    fix: `Install Node ${OLDEST_NODE.join('.')} or newer.`,
  };
}

function sqliteCheck({ host }: Context): Check {
  try {
    return { name: 'sqlite', state: 'ok', message: host.probes.sqlite() };
  } catch (error) {
    return failure('sqlite', error);
  }
}

function clockCheck(now: number): Check {
  const sane = now >= EARLIEST_CLOCK && now < LATEST_CLOCK;
  return {
    name: 'clock',
    state: sane ? 'ok' : 'fail',
    message: new Date(now).toISOString(),
    fix: 'Set the system clock, and keep it right with NTP (chrony, systemd-timesyncd).',
  };
}

function stateChecks({ host }: Context, directory: string): Check[] {
  try {
    host.probes.writable(directory);
  } catch (error) {
    return [failure('state', error)];
  }
  const free = host.probes.freeBytes(directory);
  const state: State = !(free >= FAIL_FREE) ? 'fail' : free < WARN_FREE ? 'warn' : 'ok';
  return [
    { name: 'state', state: 'ok', message: `${directory} can be written` },
    {
      name: 'disk',
      state,
      message: `${Math.floor(free / MIB)} MiB free`,
      fix: 'Free some space: a journal that cannot be written stops trading.',
    },
  ];
}

function journalCheck({ host }: Context, config: BotConfig): Check {
  try {
    const journal = host.openJournal(config.storage);
    if (journal === undefined) return { name: 'journal', state: 'ok', message: 'none yet' };
    const { ok, records, problems } = journal.verify();
    if (ok) return { name: 'journal', state: 'ok', message: `${records} records, whole` };
    return {
      name: 'journal',
      state: 'fail',
      message: problems.join('; '),
      fix: `Restore ${journal.path} from a copy; it is never repaired by guessing.`,
    };
  } catch (error) {
    return failure('journal', error);
  }
}

function failure(name: string, error: unknown): Check {
  const fix = PerpsBotError.is(error) ? (error.fix ?? error.problems[0]?.fix) : undefined;
  return { name, state: 'fail', message: messageOf(error), ...(fix === undefined ? {} : { fix }) };
}
