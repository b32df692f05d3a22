import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, lstatSync, rmSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import process, { env, getuid, pid, platform } from 'node:process';
import { injectable } from 'inversify';
import { fault, messageOf } from '../../domain/errors.js';
import { pathFault } from '../../flow/path-fault.js';
import { inject } from '../../injection/inject.js';
import { HostClock } from '../../ports/configuration/clock.js';
import { Files } from '../../ports/configuration/files.js';
import { Logger } from '../../ports/configuration/logger.js';
import { HostScheduler, Scheduler } from '../../ports/configuration/scheduler.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import type { ControlDoor } from '../../ports/core-services/control-door.js';
import { OperatorControl } from '../../ports/core-services/operator-control.js';
import { EventStore } from '../../ports/storage/event-store.js';
import { SafetyLadder } from '../../ports/storage/safety-ladder.js';
import { converse } from './conversation.js';
import { PROTOCOL, type Description, type Hello } from './messages.js';
import { CONTROL_FILE, folderOf, placeOf, type Folder } from './place.js';

/** How often what waits beside the journal is looked for. Before each order it is looked for too. */
const LOOK_MS = 1_000;
const MOST_OPERATORS = 16;
const OWNER_ALONE = 0o600;
/** One that does not answer by then is dead; its process holds no lock. */
const ANSWER_MS = 250;

/**
 * A Unix socket in the state directory. What waits beside the journal is taken up first, so that nothing trades before
 * it. Where there are no such sockets (Windows), that alone is heard. A bot whose journal is in memory keeps no
 * directory and has no door.
 */
@injectable()
export class SocketControlDoor implements ControlDoor {
  readonly name = 'control-door';
  private readonly instance = randomUUID();
  private readonly operators = new Set<Socket>();
  private folder: Folder | undefined;
  private server: Server | undefined;
  private cancelLook: (() => void) | undefined;
  private socket: string | undefined;
  /** Which files this bot is found by: each as it was made. */
  private readonly made = new Map<string, string | undefined>();
  private opening = false;

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(SafetyLadder) private readonly ladder: SafetyLadder,
    @inject(OperatorControl) private readonly control: OperatorControl,
    @inject(EventStore) private readonly events: EventStore,
    @inject(Files) private readonly files: Files,
    @inject(HostScheduler) private readonly scheduler: Scheduler,
    @inject(Scheduler) private readonly world: Scheduler,
    @inject(HostClock) private readonly clock: HostClock,
    @inject(Logger) private readonly logger: Logger,
  ) {}

  get path(): string | undefined {
    return this.socket;
  }

  async start(): Promise<void> {
    const { driver, directory } = this.config.current.storage;
    if (driver === 'memory' || directory === undefined) return;
    this.ladder.restore();
    this.control.takeUp();
    this.lookAgain();
    this.folder = folderOf(directory);
    if (platform === 'win32' || getuid === undefined) {
      this.logger.warn('No control door here: commands wait beside the journal and are heard within a second');
      return;
    }
    const runtime = env['XDG_RUNTIME_DIR'];
    const socket = placeOf(this.folder, { uid: getuid(), ...(runtime === undefined ? {} : { runtime }) });
    const listening = this.listen(socket, this.folder);
    // A simulated market that has begun goes on when the bot does.
    this.world.waitFor?.(listening);
    await listening;
    this.logger.debug('Control door opened', { socket });
  }

  async stop(): Promise<void> {
    this.cancelLook?.();
    this.cancelLook = undefined;
    this.control.close();
    const { server, folder } = this;
    this.server = undefined;
    this.socket = undefined;
    if (server === undefined || folder === undefined) return;
    // What stands in the place of a directory that was taken away is another bot's.
    if (this.events.inPlace?.() !== false) rmSync(this.files.join(folder.path, CONTROL_FILE), { force: true });
    const closed = once(server, 'close');
    // Removes the socket.
    server.close();
    // What was under way has come to its end with `close`: it is said before they are let go.
    await this.scheduler.sleep(0);
    for (const operator of this.operators) operator.destroySoon();
    await closed;
  }

  private lookAgain(): void {
    this.cancelLook = this.scheduler.after(LOOK_MS, () => {
      // Requests in another's directory are another's.
      if (this.events.inPlace?.() === false) return;
      this.control.takeUp();
      void this.standAgain();
      this.lookAgain();
    });
  }

  /** A door that somebody took away, or put another in the place of, would lead people nowhere, or to another bot. */
  private async standAgain(): Promise<void> {
    const { server, folder, socket } = this;
    const isWhole = [...this.made].every(([path, identity]) => identityOf(path) === identity);
    if (isWhole || this.opening || server === undefined || folder === undefined || socket === undefined) return;
    this.opening = true;
    try {
      this.logger.error('The control door is not where it was opened; it is opened again', { socket });
      server.close();
      await this.openAt(socket, folder);
    } catch (error) {
      this.logger.error('The control door could not be opened again', { error: messageOf(error) });
    } finally {
      this.opening = false;
    }
  }

  /** The lock on the directory is ours: what lies there was left by a process that has died. */
  private async listen(socket: string, folder: Folder): Promise<void> {
    try {
      await this.openAt(socket, folder);
    } catch (error) {
      await this.stop();
      throw pathFault(
        {
          must: `The control door ${socket} must be openable`,
          where: socket,
          code: 'STORE-003',
          why: 'Without it nobody could stop this bot from the command line.',
          then: 'Use a --state directory on a local disk, or set XDG_RUNTIME_DIR to one of mode 0700 on it.',
        },
        error,
      );
    }
  }

  private async openAt(socket: string, folder: Folder): Promise<void> {
    await clear(socket);
    // Loaded by the first door that opens: a backtest has none.
    const server = process.getBuiltinModule('node:net').createServer((operator) => this.welcome(operator));
    server.maxConnections = MOST_OPERATORS;
    server.listen(socket);
    await once(server, 'listening');
    server.on('error', (error) => this.logger.error('The control door failed', { error: messageOf(error) }));
    this.server = server;
    this.socket = socket;
    chmodSync(socket, OWNER_ALONE);
    const started_at = new Date(this.clock.wall()).toISOString();
    const description: Description = { ...this.hello(folder), socket, pid, started_at };
    const file = this.files.join(folder.path, CONTROL_FILE);
    this.files.writeAtomic(file, `${JSON.stringify(description, null, 2)}\n`);
    for (const path of [socket, file]) this.made.set(path, identityOf(path));
  }

  private welcome(operator: Socket): void {
    const { folder } = this;
    if (folder === undefined) return void operator.destroy();
    this.operators.add(operator);
    operator.on('close', () => this.operators.delete(operator));
    converse(operator, { control: this.control, scheduler: this.scheduler, hello: () => this.hello(folder) });
  }

  private hello(folder: Folder): Hello {
    const account = this.events.query({ types: ['account'], limit: 1 })[0]?.payload['account'];
    return {
      perpsbot: PROTOCOL,
      folder,
      account: typeof account === 'string' ? account : null,
      instance: this.instance,
    };
  }
}

/** Undefined where there is nothing, or nothing that can be asked about. A file's number is used again after it. */
function identityOf(path: string): string | undefined {
  try {
    const { dev, ino, mtimeNs } = lstatSync(path, { bigint: true });
    return `${dev}:${ino}:${mtimeNs}`;
  } catch {
    return undefined;
  }
}

/** Removes a dead socket. Throws STORE-005 where one answers, STORE-003 where something else lies. */
async function clear(socket: string): Promise<void> {
  const found = lstatSync(socket, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket())
    throw fault('STORE-003', `${socket} must be free for the control door, is a file of another kind.`, {
      where: socket,
      fix: 'Move it away.',
    });
  if (await answers(socket))
    throw fault('STORE-005', `${socket} must be free for the control door, was answered by another bot.`, {
      where: socket,
      fix: 'Stop the other bot, or give this one its own storage.directory.',
    });
  rmSync(socket, { force: true });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = process.getBuiltinModule('node:net').connect(path);
    const end = (does: boolean) => (): void => {
      probe.destroy();
      resolve(does);
    };
    probe.setTimeout(ANSWER_MS, end(false));
    probe.once('connect', end(true)).once('error', end(false));
  });
}
