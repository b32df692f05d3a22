import { describe, expect, it } from '@jest/globals';
import { JOURNAL } from '#src/storage/sqlite/journal-format.js';
import { openingFault } from '#src/storage/sqlite/store-file.js';

const failing = (details: object): Error => Object.assign(new Error('it failed'), details);

describe('an error while a store is opened', () => {
  it.each([
    ['a full disk', { code: 'SQLITE_FULL' }, 'STORE-008'],
    ['a full disk, by the system', { code: 'ENOSPC' }, 'STORE-008'],
    ['a full quota, by the system', { code: 'EDQUOT' }, 'STORE-008'],
    ['a file system that is read-only', { code: 'SQLITE_READONLY' }, 'STORE-009'],
    ['a file system that is read-only, by number', { errcode: 8 }, 'STORE-009'],
    ['a file system that is read-only, by the system', { code: 'EROFS' }, 'STORE-009'],
    ['a disk that fails', { code: 'SQLITE_IOERR_WRITE' }, 'STORE-004'],
    ['a disk that fails, by number', { errcode: 778 }, 'STORE-004'],
    ['a full disk, by number', { errcode: 13 }, 'STORE-008'],
    ['a file that ends early', { code: 'SQLITE_IOERR_SHORT_READ' }, 'STORE-001'],
    ['a file that ends early, by number', { errcode: 522 }, 'STORE-001'],
    ['another process', { code: 'SQLITE_BUSY' }, 'STORE-005'],
    ['a missing right', { code: 'SQLITE_CANTOPEN' }, 'STORE-003'],
    ['a missing right, by the system', { code: 'EACCES' }, 'STORE-003'],
    ['a file in the place of a directory', { code: 'ENOTDIR' }, 'STORE-003'],
    ['too many open files', { code: 'EMFILE' }, 'STORE-003'],
    ['a disk that fails, by the system', { code: 'EIO' }, 'STORE-004'],
    ['anything else', {}, 'STORE-001'],
  ])('tells damage from %s', (_what, details, code) => {
    expect(openingFault('journal.db', JOURNAL, failing(details)).code).toBe(code);
  });
});
