import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DirectOrder, OperatorRequest } from '../ports/storage/operator-requests.js';
import { makeDirectory } from '../flow/make-directory.js';

const FOLDER = 'requests';
const ENDING = '.json';
/** So many digits has every instant that can be met, so that names sort by time. */
const DIGITS = 15;
const COMMANDS: ReadonlySet<unknown> = new Set<OperatorRequest['command']>([
  'halt',
  'reduce-only',
  'resume',
  'strategy resume',
]);

/** Writes beside the target, then renames; synced. */
type WriteAtomic = (path: string, content: string) => void;

/** The folder of a state directory in which requests of operators wait: a file each, whole or not there. */
export class RequestsFolder {
  private readonly path: string;

  constructor(directory: string) {
    this.path = join(directory, FOLDER);
  }

  /**
   * On disk when it returns. Every older request to resume is taken back: this one is the newer word. What tightens
   * stays, for the journal.
   */
  leave(request: Omit<OperatorRequest, 'id'>, writeAtomic: WriteAtomic): OperatorRequest {
    const id = `${String(request.at).padStart(DIGITS, '0')}-${randomUUID()}`;
    makeDirectory(this.path, 0o700);
    writeAtomic(this.fileOf(id), `${JSON.stringify(request)}\n`);
    // A word about one strategy says nothing about the bot.
    if (request.command !== 'strategy resume')
      for (const older of this.list()) if (older.command === 'resume' && older.id !== id) this.remove(older.id);
    return { id, ...request };
  }

  /** Oldest first. */
  list(): OperatorRequest[] {
    if (statSync(this.path, { throwIfNoEntry: false }) === undefined) return [];
    return readdirSync(this.path)
      .filter((name) => name.endsWith(ENDING) && !name.startsWith('.'))
      .sort()
      .map((name) => this.read(name.slice(0, -ENDING.length)));
  }

  remove(id: string): void {
    rmSync(this.fileOf(id), { force: true });
    try {
      rmdirSync(this.path);
    } catch {
      // Others wait in it.
    }
  }

  /** Somebody wanted something: what cannot be read is taken for the one request that can do no harm. */
  private read(id: string): OperatorRequest {
    const at = Number(id.slice(0, DIGITS)) || 0;
    try {
      const {
        command,
        actor,
        reason,
        strategy,
        direct,
        at: asked,
      } = JSON.parse(readFileSync(this.fileOf(id), 'utf8')) as OperatorRequest;
      const isWhole = COMMANDS.has(command) && isText(actor) && isText(reason) && Number.isFinite(asked);
      const sent = Array.isArray(direct) && direct.every(isDirectOrder) ? { direct } : {};
      if (isWhole && command !== 'strategy resume') return { id, command, ...sent, actor, reason, at: asked };
      if (isWhole && strategy !== undefined && isText(strategy))
        return { id, command, strategy, actor, reason, at: asked };
    } catch {
      // Told by what it is taken for.
    }
    return { id, command: 'halt', actor: 'unknown', reason: `request ${id} could not be read`, at };
  }

  private fileOf(id: string): string {
    return join(this.path, `${id}${ENDING}`);
  }
}

const isDirectOrder = (order: Partial<DirectOrder> | null): boolean =>
  [order?.clientId, order?.symbol, order?.side, order?.size, order?.limit].every(isText) &&
  typeof order?.expiresAt === 'number';

const isText = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';
