import { describe, expect, it } from '@jest/globals';
import { JOURNAL } from '#src/storage/sqlite/journal-format.js';
import { openingFault } from '#src/storage/sqlite/store-file.js';

const failing = (details: object): Error => Object.assign(new Error('it failed'), details);

describe('an error while a store is opened', () => {
  it.each([
    ['a full disk', { code: 'SQLITE_FULL' }, 'STORE-004'],
    ['a disk that fails', { code: 'SQLITE_IOERR_WRITE' }, 'STORE-004'],
    ['a disk that fails, by number', { errcode: 778 }, 'STORE-004'],
    ['a full disk, by number', { errcode: 13 }, 'STORE-004'],
    ['a file that ends early', { code: 'SQLITE_IOERR_SHORT_READ' }, 'STORE-001'],
    ['a file that ends early, by number', { errcode: 522 }, 'STORE-001'],
    ['another process', { code: 'SQLITE_BUSY' }, 'STORE-005'],
    ['a missing right', { code: 'SQLITE_CANTOPEN' }, 'STORE-003'],
    ['anything else', {}, 'STORE-001'],
  ])('tells damage from %s', (_what, details, code) => {
    expect(openingFault('journal.db', JOURNAL, failing(details)).code).toBe(code);
  });
});
