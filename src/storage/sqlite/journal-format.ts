import { join } from 'node:path';
import { ARCHIVED_VERSION } from './archive/archive-blocks.js';
import type { StoreFormat } from './store-file.js';

/** The event store's file. `application_id` reads `PBJ1`. */
export const JOURNAL: StoreFormat = {
  what: 'Journal',
  applicationId: 0x50424a31,
  version: ARCHIVED_VERSION,
  made: 1,
  tables: (schema) => `
    CREATE TABLE ${schema}.events (
      seq INTEGER PRIMARY KEY,
      at REAL NOT NULL,
      type TEXT NOT NULL,
      bot_id TEXT NOT NULL,
      profile TEXT NOT NULL,
      version INTEGER NOT NULL,
      body TEXT NOT NULL,
      crc INTEGER NOT NULL
    );
    CREATE INDEX ${schema}.events_by_type ON events (type, seq);
  `,
};

/** Where a state directory keeps its journal. */
export const journalPath = (directory: string): string => join(directory, 'journal.db');
