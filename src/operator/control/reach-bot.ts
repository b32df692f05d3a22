import { join } from 'node:path';
import { fault, messageOf, ERRORS, type ErrorCode } from '../../domain/errors.js';
import type { HostClock } from '../../ports/configuration/clock.js';
import type { Scheduler } from '../../ports/configuration/scheduler.js';
import type { Json } from '../../ports/storage/event-store.js';
import type { OperatorRequest } from '../../ports/storage/operator-requests.js';
import { RequestsFolder } from '../../storage/requests-folder.js';
import { ask, readDescription, type DoorAnswer, type Taken } from './client.js';
import { journalState, type JournalState, type ReadJournal } from './journal-state.js';
import { read, type CommandMessage } from './messages.js';
import { nextStart, type NextStart } from './next-start.js';
import { CONTROL_FILE, folderOf } from './place.js';

/** What is needed to reach a bot from another process. */
export interface ControlHost {
  readonly timers: Pick<Scheduler, 'after'>;
  readonly clock: Pick<HostClock, 'wall'>;
  /** Undefined when there is no such file. */
  readText(path: string): string | undefined;
  /** Readers see the old or the new content; on disk when it returns. */
  writeAtomic(path: string, content: string): void;
  /** The process that holds a state directory, in words; undefined when none does. */
  lockHolder(directory: string): string | undefined;
  /** Undefined where there is none. */
  journalOf(directory: string): ReadJournal | undefined;
}

/** When the bot was last heard of. */
interface LastBeat {
  /** ISO-8601, by the host's wall clock. */
  readonly writtenAt: string;
  readonly ageSeconds: number;
}

/** What came of a command. Only of one that was `not sent` it is known that no order was sent for it. */
export type Reached =
  | { readonly bot: 'answered'; readonly result: Json; readonly pid: number | null }
  /** A process holds the directory and does not answer in time. */
  | {
      readonly bot: 'silent';
      readonly holder: string;
      readonly pid: number | null;
      readonly beat: LastBeat | null;
      readonly cause: string;
      readonly taken: Taken;
      readonly left: OperatorRequest | null;
      readonly waiting: readonly OperatorRequest[];
      readonly known: JournalState | null;
    }
  /** No process holds the directory. */
  | {
      readonly bot: 'absent';
      readonly beat: LastBeat | null;
      /** It died with the command, where that was sent. */
      readonly taken: Taken;
      readonly left: OperatorRequest | null;
      readonly waiting: readonly OperatorRequest[];
      readonly next: NextStart;
      readonly known: JournalState | null;
    };

/**
 * Gives a command to the bot of a state directory, or leaves it for the bot where that cannot hear it. Throws what the
 * bot refuses, CTRL-001 when another one answers, STORE-003 for a directory that is none.
 */
export async function reachBot(
  host: ControlHost,
  directory: string,
  message: CommandMessage,
  progress?: (report: Json) => void,
): Promise<Reached> {
  const folder = folderOf(directory);
  const file = join(folder.path, CONTROL_FILE);
  const text = host.readText(file);
  const description = text === undefined ? undefined : readDescription(text);
  let answer: DoorAnswer = { outcome: 'shut', cause: 'its door is not open' };
  if (description !== undefined) answer = await ask({ folder, description, file }, message, host.timers, progress);
  if (answer.outcome === 'answered') return { bot: 'answered', result: answer.result, pid: description?.pid ?? null };
  if (answer.outcome === 'refused') throw refusedBy(answer);
  if (host.journalOf(folder.path) === undefined) throw nobodyRan(folder.path);
  const taken = answer.outcome === 'silent' && changes(message) ? answer.taken : 'not sent';
  // What tightens is left whoever holds the directory; what loosens must be looked into by a bot that starts.
  const loosens = message.command === 'resume' || message.command === 'strategy resume';
  const tightening = loosens ? null : leave(host, folder.path, message);
  const holder = host.lockHolder(folder.path);
  const beat = lastBeat(host, folder.path);
  if (holder === undefined) {
    // What may have loosened already is not asked for again by itself.
    const last = known(host, folder.path);
    const isNeeded = taken === 'not sent' && !(message.command === 'resume' && startsFreely(last, folder.path));
    const left = tightening ?? (isNeeded ? leave(host, folder.path, message) : null);
    const waiting = new RequestsFolder(folder.path).list();
    return {
      bot: 'absent',
      beat,
      taken,
      left,
      waiting,
      next: nextStart(last, waiting, host.clock.wall()),
      known: last,
    };
  }
  return {
    bot: 'silent',
    holder,
    pid: description?.pid ?? (Number(/process (\d+)/.exec(holder)?.[1]) || null),
    beat,
    cause: answer.cause,
    taken,
    left: tightening,
    waiting: new RequestsFolder(folder.path).list(),
    known: known(host, folder.path),
  };
}

/**
 * Leaves a halt for the bot of this directory, whether it answers or not; on disk when it returns. Throws STORE-* where
 * the disk does not take it.
 */
export function leaveRequest(
  host: ControlHost,
  directory: string,
  request: Pick<OperatorRequest, 'actor' | 'reason' | 'direct'> & { readonly command: 'halt' },
): OperatorRequest {
  const { path } = folderOf(directory);
  const write = (file: string, content: string): void => host.writeAtomic(file, content);
  return new RequestsFolder(path).leave({ ...request, at: host.clock.wall() }, write);
}

/** Throws STORE-003 for a directory in which no bot has run. */
export function assertHasRun(host: Pick<ControlHost, 'journalOf'>, directory: string): void {
  const { path } = folderOf(directory);
  if (host.journalOf(path) === undefined) throw nobodyRan(path);
}

const nobodyRan = (path: string): Error =>
  fault('STORE-003', `No bot has run with the state directory ${path}: there is no journal in it.`, {
    where: path,
    fix: 'Name the state directory of the bot with --state.',
  });

/** Nothing holds the next start: a request to resume would only lift what comes up at it, which nobody has seen yet. */
const startsFreely = (last: JournalState | null, directory: string): boolean =>
  last !== null &&
  last.state === 'NORMAL' &&
  last.disabled.length === 0 &&
  new RequestsFolder(directory).list().every(({ command }) => command === 'strategy resume');

/** A look changes nothing, however far it came. */
const changes = ({ command, options, adopt }: CommandMessage): boolean =>
  command !== 'status' &&
  (command !== 'flatten' || options?.plan !== undefined) &&
  (command !== 'reconcile' || adopt !== undefined);

function leave(
  host: ControlHost,
  directory: string,
  { command, actor, reason, strategy }: CommandMessage,
): OperatorRequest | null {
  if (command === 'status' || command === 'flatten' || command === 'reconcile') return null;
  const which = strategy === undefined ? {} : { strategy };
  const request = { command, ...which, actor, reason, at: host.clock.wall() };
  return new RequestsFolder(directory).leave(request, (path, content) => host.writeAtomic(path, content));
}

/** A journal that cannot be read tells nothing: whatever it knew may be live. */
function known(host: ControlHost, directory: string): JournalState | null {
  try {
    const journal = host.journalOf(directory);
    return journal === undefined ? null : journalState(journal);
  } catch {
    return null;
  }
}

function lastBeat(host: ControlHost, directory: string): LastBeat | null {
  const text = host.readText(join(directory, 'health.json'));
  const writtenAt = text === undefined ? undefined : read(text)?.['written_at'];
  if (typeof writtenAt !== 'string' || Number.isNaN(Date.parse(writtenAt))) return null;
  return { writtenAt, ageSeconds: Math.max(0, Math.round((host.clock.wall() - Date.parse(writtenAt)) / 1_000)) };
}

function refusedBy({ code, message, fix, problems }: Extract<DoorAnswer, { outcome: 'refused' }>): Error {
  if (!Object.hasOwn(ERRORS, code)) return new Error(messageOf(message));
  const known = code as ErrorCode;
  return fault(known, message, {
    ...(fix === undefined ? {} : { fix }),
    problems: problems.map((each) => ({ code: known, message: each })),
  });
}
