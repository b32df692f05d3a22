import { MemoryEventStore } from '../../src/storage/memory/event-store.js';
import { RuntimeSqlite } from '../../src/storage/sqlite/runtime-sqlite.js';
import { SqliteEventStore } from '../../src/storage/sqlite/event-store.js';
import { EventStore } from '../../src/ports/storage/event-store.js';
import type { StorageSettings } from '../../src/ports/configuration/settings/storage-settings.js';
import { SqliteDriver } from '../../src/ports/storage/sqlite.js';
import type { Binder } from '../phase.js';

/** The journal that the configuration names. Without a SQLite driver the start fails; memory is never a fallback. */
export function bindJournal({ bind }: Binder, driver: StorageSettings['driver']): void {
  bind(SqliteDriver).to(RuntimeSqlite).inSingletonScope();
  if (driver === 'memory') bind(EventStore).to(MemoryEventStore).inSingletonScope();
  else bind(EventStore).to(SqliteEventStore).inSingletonScope();
}
