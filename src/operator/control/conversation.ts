import type { Socket } from 'node:net';
import { fault, messageOf, PerpsBotError } from '../../domain/errors.js';
import type { Scheduler } from '../../ports/configuration/scheduler.js';
import type { AccountReview } from '../../ports/core-services/account-review.js';
import type { OperatorControl } from '../../ports/core-services/operator-control.js';
import type { Json } from '../../ports/storage/event-store.js';
import { assertReason } from './bounds.js';
import { eachLine } from './lines.js';
import {
  lineOf,
  mismatch,
  readCommand,
  readHello,
  type CommandMessage,
  type Hello,
  type DoorRefusal,
  type Reply,
} from './messages.js';

/** Whoever says nothing for so long is let go. */
const SILENT_MS = 5_000;

export interface ConversationPorts {
  readonly control: OperatorControl;
  readonly scheduler: Scheduler;
  /** Who answers here, as of now. */
  readonly hello: () => Hello;
}

/** One operator at the door: hello, one command, its progress, its end. What was begun goes on when he leaves. */
export function converse(socket: Socket, { control, scheduler, hello }: ConversationPorts): void {
  let isKnown = false;
  let isBusy = false;
  const impatience = scheduler.after(SILENT_MS, () => socket.destroy());
  const say = (reply: Reply | Hello): void => {
    if (socket.writable) socket.write(lineOf(reply));
  };
  const end = (reply: Reply): void => {
    say(reply);
    socket.end();
  };
  socket.on('close', impatience);
  // A peer that is gone ends the talk, not the bot.
  socket.on('error', () => socket.destroy());
  eachLine(socket, (line) => {
    if (isBusy) return;
    if (!isKnown) {
      const meant = readHello(line);
      const mine = hello();
      say(mine);
      const wrong = meant === undefined ? 'it was not asked by an operator of this version' : mismatch(meant, mine);
      if (wrong === undefined) isKnown = true;
      else end({ refused: { code: 'CTRL-001', message: `The command was not carried out: ${wrong}.` } });
      return;
    }
    const message = readCommand(line);
    if (message === undefined) {
      end({
        refused: { code: 'CTRL-001', message: 'The command was not understood: bot and command differ in version.' },
      });
      return;
    }
    isBusy = true;
    impatience();
    say({ heard: true });
    carryOut(control, message, (progress) => say({ progress })).then(
      (result) => end({ result }),
      (error: unknown) => end({ refused: refusalOf(error) }),
    );
  });
}

async function carryOut(
  control: OperatorControl,
  { command, actor, reason, withinMs, strategy = '', adopt, options = {} }: CommandMessage,
  progress: (report: Json) => void,
): Promise<Json> {
  if (command !== 'status') assertReason(reason);
  const by = { actor, reason };
  const tell = (report: object): void => progress(report as Json);
  switch (command) {
    case 'status':
      return control.status() as unknown as Json;
    case 'halt':
      return (await control.halt(by, withinMs, tell)) as unknown as Json;
    case 'reduce-only':
      return (await control.reduceOnly(by, withinMs, tell)) as unknown as Json;
    case 'resume':
      return (await control.resume(by)) as unknown as Json;
    case 'strategy resume':
      return (await control.resumeStrategy(strategy, by)) as unknown as Json;
    case 'reconcile':
      return (await (adopt === undefined
        ? reviewOf(control).reconcile()
        : reviewOf(control).adopt(adopt, by))) as unknown as Json;
    case 'flatten':
      return (options.plan === undefined
        ? control.planFlatten(options)
        : await control.flatten(options.plan, by, options, tell)) as unknown as Json;
  }
}

function reviewOf({ review }: OperatorControl): AccountReview {
  if (review !== undefined) return review;
  throw fault('CTRL-002', 'This bot must compare itself with its venue, and cannot: its operator control is another.');
}

function refusalOf(error: unknown): DoorRefusal {
  if (!PerpsBotError.is(error)) return { code: 'UNEXPECTED', message: messageOf(error) };
  const { code, message, fix, problems } = error;
  return {
    code,
    message,
    ...(fix === undefined ? {} : { fix }),
    ...(problems.length === 0 ? {} : { problems: problems.map((problem) => problem.message) }),
  };
}
