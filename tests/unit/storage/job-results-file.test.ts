import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { JobResultsFile } from '#src/storage/queue/job-results-file.js';

describe('results on disk', () => {
  let directory: string;
  let path: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'perpsbot-results-'));
    path = join(directory, 'results.jsonl');
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const write = (count: number): void => {
    const file = new JobResultsFile(path);
    for (let i = 0; i < count; i += 1)
      file.put(`job${i}`, { ok: true, result: { number: i, text: 'ü'.repeat(i % 700) } });
    file.close();
  };

  it('are there again when the file is opened again, more than one read long', () => {
    write(5_000);
    const file = new JobResultsFile(path);
    expect(file.count).toBe(5_000);
    for (const i of [0, 1, 699, 2_345, 4_999])
      expect(file.get(`job${i}`)).toEqual({ ok: true, result: { number: i, text: 'ü'.repeat(i % 700) } });
    expect(file.get('other')).toBeUndefined();
    file.close();
  });

  it('keep the later of two outcomes of one job', () => {
    const file = new JobResultsFile(path);
    file.put('a', { ok: false, error: { code: 'SWEEP-001', message: 'died' } });
    file.put('a', { ok: true, result: 1 });
    expect(file.get('a')).toEqual({ ok: true, result: 1 });
    file.close();
    const again = new JobResultsFile(path);
    expect([again.count, again.get('a')]).toEqual([1, { ok: true, result: 1 }]);
    again.close();
  });

  it('lose a line that a crash has cut, and nothing else', () => {
    write(3);
    const whole = readFileSync(path, 'utf8');
    appendFileSync(path, '{"id":"job3","outcome":{"ok":tr');
    const file = new JobResultsFile(path);
    expect(file.count).toBe(3);
    file.put('job3', { ok: true, result: 3 });
    file.close();
    expect(readFileSync(path, 'utf8')).toBe(`${whole}{"id":"job3","outcome":{"ok":true,"result":3}}\n`);
  });

  it.each(['{"id":"x"', '[]', 'null', '{"id":1,"outcome":{"ok":true}}', '{"id":"x","outcome":{}}'])(
    'are refused with a damaged line among them: %s',
    (line) => {
      write(1);
      writeFileSync(path, `${readFileSync(path, 'utf8')}${line}\n`);
      expect(() => new JobResultsFile(path)).toThrow(expect.objectContaining({ code: 'STORE-001' }));
    },
  );
});
