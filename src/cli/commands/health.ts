import { fault } from '../../domain/errors.js';
import type { CommandSpec, CommandOutcome } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { usage } from '../flags.js';

const FILE = 'health.json';

/** What a bot leaves in its state directory after every cycle. */
interface Heartbeat {
  readonly ok: boolean;
  readonly running: boolean;
  readonly written_at: string;
  readonly fresh_until: string;
  readonly message: string;
  readonly error: string;
  readonly safety: string;
  /** Strategies that are suspended; absent in what a bot of before has written. */
  readonly suspended?: readonly string[];
}

export const health: CommandSpec = {
  name: 'health',
  summary: 'Say whether the bot of a state directory is alive: for supervisors, quick, without a configuration.',
  example: 'health --state ./var/data/perps_bot/demo',
  kind: 'health',
  flags: [{ flags: '--well', text: 'fail also for a bot that is alive and stands still: halted, locked, in error' }],
  needs: 'shell',
  async run({ shell, flags: { state } }, flags) {
    if (state === undefined)
      throw usage('health must be told whose health: --state is missing.', 'Name the state directory with --state.');
    const path = `${state}/${FILE}`;
    const text = shell.readText(path);
    if (text === undefined) return outcome(undefined, `No bot has written ${path}.`, false);
    const beat = heartbeatOf(text, path);
    const age = Math.max(0, Math.round((shell.clock.wall() - Date.parse(beat.written_at)) / 1000));
    // A bot that was killed could not say so: its lock went with it.
    const killed = beat.running && (await shell.isHeld(state)) === false;
    const running = beat.running && !killed;
    const alive = running && shell.clock.wall() <= Date.parse(beat.fresh_until);
    const said = [
      killed ? 'killed' : running ? (alive ? 'alive' : 'silent') : 'stopped',
      `last heard of ${age} s ago`,
      beat.safety,
      ...(beat.suspended ?? []).map((instance) => `${instance} suspended`),
      ...[beat.message, beat.error].filter((each) => each !== ''),
    ].join(', ');
    return outcome({ ...beat, running }, said, alive && (beat.ok || !flags.has('well')), { alive, ageSeconds: age });
  },
};

const outcome = (
  beat: Heartbeat | undefined,
  text: string,
  fine: boolean,
  known: { readonly alive: boolean; readonly ageSeconds?: number } = { alive: false },
): CommandOutcome => ({
  kind: 'health',
  data: {
    alive: known.alive,
    ok: beat?.ok ?? false,
    running: beat?.running ?? false,
    safety: beat?.safety ?? null,
    ageSeconds: known.ageSeconds ?? null,
    message: beat?.message ?? null,
    error: beat?.error ?? null,
    suspended: [...(beat?.suspended ?? [])],
  },
  text,
  exit: fine ? EXIT.ok : EXIT.checkFailed,
});

/** The file is written whole: what cannot be read as one was not written by a bot of this version. */
function heartbeatOf(text: string, path: string): Heartbeat {
  let content: Partial<Heartbeat> | null = {};
  try {
    content = JSON.parse(text) as Partial<Heartbeat> | null;
  } catch {
    // Refused below, as everything that is no heartbeat is.
  }
  const { written_at: writtenAt, fresh_until: freshUntil } = content ?? {};
  if (Number.isNaN(Date.parse(`${writtenAt}`)) || Number.isNaN(Date.parse(`${freshUntil}`)))
    throw fault('STORE-001', `${path} must be the heartbeat of a bot of this version, and is not.`, {
      where: path,
      fix: 'Start the bot with this version; it writes the file anew.',
    });
  return content as Heartbeat;
}
