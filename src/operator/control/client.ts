import { connect } from 'node:net';
import { fault, messageOf } from '../../domain/errors.js';
import type { Scheduler } from '../../ports/configuration/scheduler.js';
import type { Json } from '../../ports/storage/event-store.js';
import { eachLine } from './lines.js';
import { lineOf, mismatch, PROTOCOL, read, readHello, type CommandMessage, type Description } from './messages.js';
import { assertTrusted, type Folder } from './place.js';

/** A bot that lives answers within this, however busy it is. */
const ANSWER_MS = 2_000;
/** Above what the command itself was given, before the talk is given up. */
const GRACE_MS = 2_000;
/** A status with very many orders is a long line. */
const LONGEST_ANSWER = 16_000_000;

/** How a talk with a bot ended. Only `answered` says that the command was carried out. */
export type DoorAnswer =
  | { readonly outcome: 'answered'; readonly result: Json }
  | {
      readonly outcome: 'refused';
      readonly code: string;
      readonly message: string;
      readonly fix?: string;
      readonly problems: readonly string[];
    }
  /** Nobody listens there. */
  | { readonly outcome: 'shut'; readonly cause: string }
  /** Somebody may listen, and says nothing more. */
  | { readonly outcome: 'silent'; readonly taken: Taken; readonly cause: string };

/** How far a command came: what one did that was sent nobody knows, one that was accepted has begun. */
export type Taken = 'not sent' | 'sent' | 'accepted';

/** Undefined for what no bot of this version wrote. */
export function readDescription(text: string): Description | undefined {
  const value = read(text);
  return readHello(text) !== undefined && typeof value?.['socket'] === 'string' && typeof value['pid'] === 'number'
    ? (value as unknown as Description)
    : undefined;
}

/**
 * Says one command at the door of the bot that is meant. Both sides name state directory, account and instance first.
 * Throws CTRL-001 when another bot answers, STORE-003 for a door that is not to be trusted.
 */
export function ask(
  meant: { readonly folder: Folder; readonly description: Description; readonly file: string },
  message: CommandMessage,
  timers: Pick<Scheduler, 'after'>,
  progress: (report: Json) => void = () => undefined,
): Promise<DoorAnswer> {
  const { folder, description, file } = meant;
  const { socket: path, account, instance } = description;
  const me = { perpsbot: PROTOCOL, folder, account, instance } as const;
  try {
    assertTrusted(path, file);
  } catch (error) {
    if (isMissing(error)) return Promise.resolve({ outcome: 'shut', cause: messageOf(error) });
    throw error;
  }
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let taken: Taken = 'not sent';
    let isGreeted = false;
    let ended: DoorAnswer | undefined;
    let relax = timers.after(ANSWER_MS, () => give('it did not answer in time'));
    const finish = (answer: DoorAnswer): void => {
      ended ??= answer;
      relax();
      socket.destroy();
      resolve(ended);
    };
    const give = (cause: string): void => finish({ outcome: 'silent', taken, cause });
    const refuse = (error: Error): void => {
      relax();
      socket.destroy();
      reject(error);
    };
    socket.on('connect', () => socket.write(lineOf(me)));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      finish(
        error.code === 'ECONNREFUSED' || error.code === 'ENOENT'
          ? { outcome: 'shut', cause: error.message }
          : { outcome: 'silent', taken, cause: error.message },
      ),
    );
    socket.on('close', () => give('it hung up'));
    eachLine(
      socket,
      (line) => {
        if (!isGreeted) {
          isGreeted = true;
          const found = readHello(line);
          const wrong = found === undefined ? 'it is no bot of this version' : mismatch(me, found);
          if (wrong === undefined) {
            taken = 'sent';
            socket.write(lineOf(message));
          } else refuse(otherBot(path, wrong));
          return;
        }
        const reply = read(line) ?? {};
        if (reply['heard'] === true) {
          taken = 'accepted';
          relax();
          relax = timers.after(message.withinMs + GRACE_MS, () => give('it did not come to an end in time'));
        } else if ('progress' in reply) progress(reply['progress'] as Json);
        else if ('result' in reply) finish({ outcome: 'answered', result: reply['result'] as Json });
        else if ('refused' in reply) finish(refusedBy(reply['refused']));
      },
      LONGEST_ANSWER,
    );
  });
}

function refusedBy(refused: unknown): DoorAnswer {
  const { code, message, fix, problems } = refused as Record<string, unknown>;
  return {
    outcome: 'refused',
    code: String(code),
    message: String(message),
    ...(typeof fix === 'string' ? { fix } : {}),
    problems: Array.isArray(problems) ? problems.map(String) : [],
  };
}

const otherBot = (path: string, why: string): Error =>
  fault('CTRL-001', `The command was not given to ${path}: ${why}.`, {
    where: path,
    fix: 'Name the state directory of the bot that is meant; perpsbot health --state DIR says which one lives.',
  });

const isMissing = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
