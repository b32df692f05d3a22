import { fault, PerpsBotError } from '../../../domain/errors.js';
import type { Command, CommandMessage } from '../../../operator/control/messages.js';
import type { DirectOrder, OperatorRequest } from '../../../ports/storage/operator-requests.js';
import type { Json } from '../../../ports/storage/event-store.js';
import { configOf, type Context } from '../../command.js';
import { usage } from '../../flags.js';

/** Gives a command to the bot that is meant, or leaves it where that cannot hear it. */
export async function reach(
  context: Context,
  command: Command,
  reason: string,
  withinMs: number,
  progress?: (report: Json) => void,
  more: Pick<CommandMessage, 'options' | 'strategy' | 'adopt'> = {},
): Promise<Told> {
  const { host, flags } = context;
  const directory = flags.state ?? usualDirectory(context);
  if (directory === undefined)
    throw usage(
      `${command} must be told which bot: its journal is in memory.`,
      'Name the state directory with --state.',
    );
  const { assertReason } = await import('../../../operator/control/bounds.js');
  assertReason(reason);
  const { reachBot } = await import('../../../operator/control/reach-bot.js');
  const message = {
    command,
    actor: `cli:${host.user}`,
    reason: reason.trim() === '' ? `${command}, no reason given` : reason,
    withinMs,
    ...more,
  };
  const { whereOf } = await import('../../text/where.js');
  try {
    const reached = await reachBot(host.control, directory, message, progress);
    return { reached: withDirectory(reached, directory), directory, where: whereOf(directory, configOf(flags)) };
  } catch (error) {
    throw isElsewhere(error) ? withOtherPlace(error, context) : error;
  }
}

/** Where the bot of this configuration is; undefined for a journal in memory. */
function usualDirectory({ host, flags }: Context): string | undefined {
  const { file, profile } = configOf(flags);
  const named = { ...(file === undefined ? {} : { file }), ...(profile === undefined ? {} : { profile }) };
  return host.statePlace({ ...named, fallbackProfile: 'demo' }).directory;
}

const isElsewhere = (error: unknown): error is PerpsBotError =>
  PerpsBotError.is(error) && error.code === 'STORE-003' && error.fix?.endsWith('with --state.') === true;

const withOtherPlace = ({ code, message, where, fix }: PerpsBotError, context: Context): PerpsBotError =>
  fault(code, message, { ...(where === undefined ? {} : { where }), fix: `${fix}${otherPlace(context)}` });

/** Which directory is meant without --state, for somebody who named a wrong one, or none. */
function otherPlace(context: Context): string {
  const { host, flags } = context;
  if (flags.state === undefined) return ' This one is that of the profile.';
  try {
    const usual = usualDirectory(context);
    if (usual === undefined) return '';
    const isThere = host.control.journalOf(usual) !== undefined;
    return ` Without --state it is ${usual}${isThere ? '' : ', where none has run either'}.`;
  } catch {
    return '';
  }
}

interface Told {
  readonly reached: ToldByBot;
  readonly directory: string;
  readonly where: string;
}
export type ToldByBot = Awaited<ReturnType<typeof import('../../../operator/control/reach-bot.js').reachBot>>;

/** Whoever reads only the data learns too which bot it is of. */
function withDirectory(reached: ToldByBot, directory: string): ToldByBot {
  const told = { ...reached, directory };
  return told.bot === 'answered' ? { ...told, result: { ...(told.result as Record<string, Json>), directory } } : told;
}

interface Leaving {
  readonly directory: string;
  readonly where: string;
  /** On disk when it returns. */
  readonly leave: (direct?: readonly DirectOrder[]) => OperatorRequest;
}

/**
 * How a halt is left beside the journal, whether the bot answers or not. Throws STORE-003 where no bot has run; `leave`
 * throws what the disk does.
 */
export async function leavingHalt(context: Context, reason: string): Promise<Leaving> {
  const { host, flags } = context;
  const named = flags.state ?? usualDirectory(context);
  if (named === undefined)
    throw usage('--direct must be told which bot: its journal is in memory.', 'Name its directory with --state.');
  const { assertReason } = await import('../../../operator/control/bounds.js');
  assertReason(reason);
  const { assertHasRun, leaveRequest } = await import('../../../operator/control/reach-bot.js');
  assertHasRun(host.control, named);
  const { whereOf } = await import('../../text/where.js');
  const by = { actor: `cli:${host.user}`, reason: reason.trim() === '' ? 'past the bot, no reason given' : reason };
  return {
    directory: named,
    where: whereOf(named, configOf(flags)),
    leave: (direct) =>
      leaveRequest(host.control, named, { command: 'halt', ...by, ...(direct === undefined ? {} : { direct }) }),
  };
}
