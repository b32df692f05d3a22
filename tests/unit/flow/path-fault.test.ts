import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { fault } from '#src/domain/errors.js';
import { pathFault } from '#src/flow/path-fault.js';

const USE = { must: '/state/file must be writable', where: '/state/file', code: 'STORE-003' } as const;
const failing = (code: string, path?: string): Error =>
  Object.assign(new Error(`${code}: the system's words`), { code, ...(path === undefined ? {} : { path }) });

describe('a path that could not be used', () => {
  it.each([
    ['ENOSPC', 'STORE-008', /room/],
    ['EDQUOT', 'STORE-008', /quota/],
    ['EROFS', 'STORE-009', /Mount it for writing/],
    ['EACCES', 'STORE-003', /right/],
    ['EPERM', 'STORE-003', /right/],
    ['ENOENT', 'STORE-003', /must exist/],
    ['ENOTDIR', 'STORE-003', /A file stands where a directory must be/],
    ['EISDIR', 'STORE-003', /A directory stands there/],
    ['ENAMETOOLONG', 'STORE-003', /shorter/],
    ['EMFILE', 'STORE-003', /open files/],
    ['ENFILE', 'STORE-003', /open files/],
    ['EBUSY', 'STORE-003', /Another program/],
    ['EIO', 'STORE-003', /health of the disk/],
    ['ESTALE', 'STORE-003', /health of the disk/],
    ['ENOTSUP', 'STORE-003', /Check the path/],
  ] as const)('is named by its cause: %s', (code, expected, fix) => {
    const error = pathFault(USE, failing(code));
    expect([error.code, error.where]).toEqual([expected, '/state/file']);
    expect(error.message).toBe(`/state/file must be writable: ${code}: the system's words`);
    expect(error.fix).toMatch(fix);
  });

  it('has a remedy for each cause that is its own', () => {
    const codes = [
      'ENOSPC',
      'EROFS',
      'EACCES',
      'ENOENT',
      'ENOTDIR',
      'EISDIR',
      'ENAMETOOLONG',
      'EMFILE',
      'EBUSY',
      'EIO',
    ];
    const fixes = codes.map((code) => pathFault({ ...USE, then: 'Then go on.' }, failing(code)).fix ?? '');
    expect(new Set(fixes).size).toBe(codes.length);
    expect(fixes.every((fix) => fix.endsWith(' Then go on.'))).toBe(true);
  });

  it('names the place that failed where that is another', () => {
    expect(pathFault(USE, failing('ENOSPC', '/tmp/copy/journal.db')).where).toBe('/tmp/copy/journal.db');
    expect(pathFault(USE, failing('ENOSPC', '/state/.file.1.tmp')).where).toBe('/state/file');
  });

  it('leaves an error of ours as it is: no SQLite driver is no matter of rights', () => {
    const known = fault('STORE-006', 'A SQLite driver must be available, was none.');
    expect(pathFault(USE, known)).toBe(known);
  });

  it('is nowhere in the sources renamed by a catch of its own', () => {
    const sources = ['src', 'di'].flatMap((root) =>
      readdirSync(root, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => join(root, name)),
    );
    const renames = /fault\(\s*'STORE-00[3489]',[^;]*?(?:messageOf\(|\bcause\b)/;
    expect("throw fault('STORE-003', `No: ${messageOf(error)}`);").toMatch(renames);
    expect(sources.filter((path) => renames.test(readFileSync(path, 'utf8')))).toEqual([]);
  });
});
