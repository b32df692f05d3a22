import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { SessionRecorder, type RecordFile } from '#src/data/session/session-recorder.js';
import { RecordedSession } from '#src/data/session/recorded-session.js';
import { verifySession } from '#src/data/session/verify-session.js';
import { NodeRecordFile } from '#src/platform/node-record-file.js';
import { settled } from '#src/testing/settled.js';
import { makeSession } from '../../support/session.js';

const folder = mkdtempSync(join(tmpdir(), 'perpsbot-record-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const AT = 1_800_000_000_000.25;
const bodyOf = (line: string): string => line.replace(/^\d+ /, '');

/** A disk that writes when it is let. */
class SlowFile implements RecordFile {
  readonly path = 'record.ndjson';
  text = '';
  appends = 0;
  error: Error | undefined;
  private free: (() => void) | undefined;
  constructor(private readonly isSlow = false) {}
  async append(text: string): Promise<void> {
    this.appends += 1;
    if (this.isSlow) await new Promise<void>((resolve) => (this.free = resolve));
    if (this.error !== undefined) throw this.error;
    this.text += text;
  }
  release(): void {
    this.free?.();
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

const recorderOf = (file: RecordFile, mostWaiting?: number): SessionRecorder & { readonly said: string[] } => {
  const said: string[] = [];
  let now = AT;
  const recorder = new SessionRecorder(file, {
    symbol: 'BTCUSDT',
    now: () => (now += 1),
    ended: (why) => said.push(why),
    ...(mostWaiting === undefined ? {} : { mostWaiting }),
  });
  return Object.assign(recorder, { said });
};
const verify = (text: string): ReturnType<typeof verifySession> =>
  verifySession(new TextEncoder().encode(text), 'record.ndjson');

describe('what is heard, recorded', () => {
  it('is read again as it was heard, with the time at which it was', async () => {
    const { lines, diffs } = makeSession({ trades: true });
    const file = new SlowFile();
    const recorder = recorderOf(file);
    for (const line of lines) recorder.heard(bodyOf(line).replace(',"data"', ',\r\n "data"'));
    expect(await recorder.close()).toEqual({ path: file.path, messages: lines.length, endedEarly: undefined });
    expect(verify(file.text)).toMatchObject({ diffs, matched: diffs, unread: 0, endedEarly: null, isCut: false });
    const events = [...new RecordedSession(new TextEncoder().encode(file.text), 'record.ndjson').events()];
    expect(events[0]?.receivedAt).toBe(Math.floor(AT) + 1);
    expect(events.filter(({ event }) => event.kind === 'trade')).toHaveLength(200);
  });

  it.each([
    ['is no JSON', '<html>busy</html>'],
    ['is cut', '{"e":"depthUpdate","s":"BTC'],
    ['lacks what it must have', '{"e":"depthUpdate","s":"BTCUSDT","U":"1"}'],
    ['has a size that is none', '{"lastUpdateId":5,"bids":[["1","NaN"]],"asks":[]}'],
    ['is of another symbol', '{"e":"trade","s":"ETHUSDT","p":"1","q":"1","m":true}'],
    ['is a list', '[1]'],
  ])('keeps a message that %s as one that was not read', async (_what, text) => {
    const { lines, diffs } = makeSession();
    const file = new SlowFile();
    const recorder = recorderOf(file);
    for (const line of [...lines.slice(0, 50), text, ...lines.slice(50)]) recorder.heard(bodyOf(line));
    await recorder.close();
    expect(verify(file.text)).toMatchObject({ diffs, matched: diffs, unread: 1 });
    expect(file.text).toContain(JSON.stringify(text));
  });

  it('ends where the disk does not keep up, whole up to there, and says so', async () => {
    const { lines } = makeSession();
    const file = new SlowFile(true);
    const recorder = recorderOf(file, 20_000);
    for (const line of lines) recorder.heard(bodyOf(line));
    expect(recorder.said).toEqual(['the disk did not keep up']);
    const closing = recorder.close();
    for (let i = 0; i < 5; i += 1) {
      file.release();
      await settled();
    }
    const { messages, endedEarly } = await closing;
    expect(endedEarly).toBe('the disk did not keep up');
    const report = verify(file.text);
    expect(file.text.trimEnd().split('\n')).toHaveLength(messages + 1);
    expect(report).toMatchObject({ mismatches: [], gaps: 0, untrusted: 0 });
    // The word on the last diff may have come too late.
    expect([report.matched > 10, report.diffs - report.matched <= 1]).toEqual([true, true]);
    expect(report.endedEarly).toBe('the disk did not keep up');
    expect(file.text.length).toBeLessThan(20_500);
  });

  it('ends with a disk that fails, says it once, and keeps nothing', async () => {
    const file = new SlowFile();
    file.error = new Error('no room');
    const recorder = recorderOf(file);
    for (const line of makeSession().lines) {
      recorder.heard(bodyOf(line));
      await settled();
    }
    expect(await recorder.close()).toMatchObject({ endedEarly: 'no room' });
    expect([recorder.said, file.appends]).toEqual([['no room'], 1]);
  });
});

describe('a file of a record', () => {
  const path = join(folder, 'record.ndjson');

  it('is written from its beginning, and stands as it is until somebody gives it away', async () => {
    const file = await NodeRecordFile.open(path, false);
    await file.append('one\n');
    expect(readFileSync(path, 'utf8')).toBe('one\n');
    await file.append('two\n');
    await file.close();
    await expect(NodeRecordFile.open(path, false)).rejects.toMatchObject({ code: 'STORE-003', where: path });
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
    await (await NodeRecordFile.open(path, true)).close();
    expect(readFileSync(path, 'utf8')).toBe('');
  });

  it.each([
    ['a directory', () => folder],
    ['in a directory that is not there', () => join(folder, 'none', 'record')],
    ['in a file', () => join(path, 'record')],
  ])('is refused where it is %s', async (_what, place) => {
    writeFileSync(path, '');
    await expect(NodeRecordFile.open(place(), true)).rejects.toMatchObject({ code: 'STORE-003' });
  });
});
