import { createHash } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { pid } from 'node:process';
import { fault, messageOf, PerpsBotError } from '../../domain/errors.js';
import { makeDirectory } from '../../flow/make-directory.js';
import { pathFault } from '../../flow/path-fault.js';
import type { Logger } from '../../ports/configuration/logger.js';
import type { BotConfig } from '../../ports/configuration/settings/bot-config.js';
import type { AccountLock } from '../../ports/storage/account-lock.js';
import type { SqliteDatabase, SqliteDriver } from '../../ports/storage/sqlite.js';
import type { Capabilities } from '../../ports/venue/capabilities.js';
import { hold, readHolder } from './held-database.js';
import { sqliteErrorKind, storeTrouble } from './sqlite-error.js';

type At = Pick<Capabilities, 'venue' | 'environment'>;

interface HeldAccount extends At {
  readonly account: string;
  /** Whoever tries out a bot runs venues of his own, each with the same accounts. */
  readonly host: string;
}

interface LockPorts {
  readonly config: { readonly current: BotConfig };
  readonly driver: SqliteDriver;
  readonly logger: Logger;
  /** The folder where the configuration names none. */
  readonly usual: string;
}

/**
 * Holds an account in a folder that all state directories of a user share: two bots that trade one account take each
 * other's position for their own and spend its limits twice. As the lock of a state directory it is the operating
 * system's. The file is named by a digest: neither key nor account stand in it. It stays when it is free.
 */
export class MachineAccountLock implements AccountLock {
  private held: SqliteDatabase | undefined;

  constructor(private readonly ports: LockPorts) {}

  take(account: string, { venue, environment }: At): void {
    if (this.held !== undefined) return;
    const { config, logger, usual } = this.ports;
    const { restUrl = '' } = config.current.venue;
    const { accounts } = config.current.storage;
    const folder = resolve(accounts ?? usual);
    try {
      this.held = this.heldIn(folder, { account, venue, environment, host: environment === 'live' ? '' : restUrl });
    } catch (error) {
      if (PerpsBotError.is(error) && (error.code === 'STORE-005' || accounts !== undefined)) throw error;
      logger.warn('The account is not held on this machine: another bot that trades it would not be refused', {
        folder,
        error: messageOf(error),
        fix: 'Name a folder that this user can write with storage.accounts.',
      });
    }
  }

  release(): void {
    this.held?.close();
    this.held = undefined;
  }

  private heldIn(folder: string, account: HeldAccount): SqliteDatabase {
    const { driver, config } = this.ports;
    const path = join(folder, `${nameOf(account)}.lock`);
    const { botId, storage } = config.current;
    const state = storage.directory === undefined ? 'without a state directory' : `state ${storage.directory}`;
    let database: SqliteDatabase | undefined;
    try {
      makeDirectory(folder, 0o700);
      database = driver.open(path);
      hold(database, `process ${pid} on ${hostname()} (bot ${botId}, ${state})`);
      chmodSync(path, 0o600);
      return database;
    } catch (error) {
      const owner = database === undefined ? undefined : readHolder(database);
      database?.close();
      if (sqliteErrorKind(error) === 'busy') throw taken(account, owner ?? 'another process', path);
      throw pathFault(
        { must: `Folder ${folder} must take the lock of the account`, where: path, code: 'STORE-003' },
        error,
        storeTrouble(path, error),
      );
    }
  }
}

const nameOf = ({ venue, environment, host, account }: HeldAccount): string =>
  createHash('sha256').update([venue, environment, host, account].join('\n')).digest('hex').slice(0, 32);

function taken({ venue, environment, account }: HeldAccount, owner: string, path: string): PerpsBotError {
  return fault(
    'STORE-005',
    `Account ${account} of ${venue} (${environment}) must be traded by one bot of this machine, is held by ${owner}.`,
    {
      where: path,
      why: 'Each would take what the other holds for its own, and both would spend its limits.',
      fix: 'Stop that bot, or give this one the key of another account. The lock ends with its process; there is nothing to delete.',
    },
  );
}
