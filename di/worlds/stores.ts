import { MemoryEventStore } from '../../src/storage/memory/event-store.js';
import { RuntimeSqlite } from '../../src/storage/sqlite/runtime-sqlite.js';
import { SqliteEventStore } from '../../src/storage/sqlite/event-store.js';
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
