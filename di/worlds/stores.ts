import { join } from 'node:path';
import { ownStateFolder } from '../../src/platform/own-state-folder.js';
import { MemoryEventStore } from '../../src/storage/memory/event-store.js';
import { RuntimeSqlite } from '../../src/storage/sqlite/runtime-sqlite.js';
import { SqliteEventStore } from '../../src/storage/sqlite/event-store.js';
import { MachineAccountLock } from '../../src/storage/sqlite/machine-account-lock.js';
import { Logger } from '../../src/ports/configuration/logger.js';
import { ConfigController } from '../../src/ports/configuration/settings/config-controller.js';
import { AccountLock } from '../../src/ports/storage/account-lock.js';
import { DirectoryOperatorRequests } from '../../src/storage/directory-operator-requests.js';
import { EventStore } from '../../src/ports/storage/event-store.js';
import { OperatorRequests } from '../../src/ports/storage/operator-requests.js';
import type { StorageSettings } from '../../src/ports/configuration/settings/storage-settings.js';
import { SqliteDriver } from '../../src/ports/storage/sqlite.js';
import type { Binder } from '../phase.js';

/** What operators leave beside the journal while nobody answers. */
export function bindRequests({ bind }: Binder): void {
  bind(OperatorRequests).to(DirectoryOperatorRequests).inSingletonScope();
}

/** The journal that the configuration names. Without a SQLite driver the start fails; memory is never a fallback. */
export function bindJournal({ bind }: Binder, driver: StorageSettings['driver']): void {
  bind(SqliteDriver).to(RuntimeSqlite).inSingletonScope();
  if (driver === 'memory') bind(EventStore).to(MemoryEventStore).inSingletonScope();
  else bind(EventStore).to(SqliteEventStore).inSingletonScope();
}

/** Two bots of one user and machine never trade one account. */
export function bindAccountLock({ bind }: Binder): void {
  bind(AccountLock)
    .toResolvedValue(
      (config: ConfigController, driver: SqliteDriver, logger: Logger) =>
        new MachineAccountLock({ config, driver, logger, usual: join(ownStateFolder(), 'accounts') }),
      [ConfigController, SqliteDriver, Logger],
    )
    .inSingletonScope();
}
