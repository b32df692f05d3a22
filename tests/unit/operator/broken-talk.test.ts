import 'reflect-metadata';
import { mkdtempSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { absentText, silentText } from '#src/cli/text/control-text.js';
import { PROTOCOL, type Command } from '#src/operator/control/messages.js';
import { folderOf } from '#src/operator/control/place.js';
import { reachBot, type Reached } from '#src/operator/control/reach-bot.js';
import { FakeEventStore } from '../../support/memory-event-store.js';

const POINTS = ['not sent', 'sent', 'accepted'] as const;
const COMMANDS = ['status', 'halt', 'reduce-only', 'resume', 'flatten'] as const;
const servers: Server[] = [];
const directories: string[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((closed) => server.close(closed));
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

/** A bot that dies at one point of the talk. */
async function dying(point: (typeof POINTS)[number]): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'pb-'));
  directories.push(directory);
  const socket = join(directory, 'control.sock');
  const hello = { perpsbot: PROTOCOL, folder: folderOf(directory), account: null, instance: 'a' };
  const server = createServer((operator) => {
    let lines = 0;
    operator.on('data', () => {
      lines += 1;
      if (lines === 1 && point !== 'not sent') operator.write(`${JSON.stringify(hello)}\n`);
      else if (lines === 2 && point === 'accepted') operator.end(`${JSON.stringify({ heard: true })}\n`);
      else operator.destroy();
    });
  });
  servers.push(server);
  await new Promise<void>((open) => server.listen(socket, open));
  chmodSync(socket, 0o600);
  writeFileSync(join(directory, 'control.json'), JSON.stringify({ ...hello, socket, pid: 7, started_at: 'x' }));
  return directory;
}

async function told(
  directory: string,
  command: Command,
  holder: string | undefined,
  state = 'HALTED',
): Promise<[Reached, string]> {
  const journal = new FakeEventStore();
  journal.append('safety_state', { to: state, reason: 'y' });
  const host = {
    ...{ timers: { after: () => () => undefined }, clock: { wall: () => 1 }, lockHolder: () => holder },
    readText: (path: string) =>
      path.endsWith('control.json')
        ? JSON.stringify({
            ...{ perpsbot: PROTOCOL, folder: folderOf(directory), account: null, instance: 'a', pid: 7 },
            ...{ socket: join(directory, 'control.sock'), started_at: 'x' },
          })
        : undefined,
    writeAtomic: writeFileSync,
    journalOf: () => journal,
  };
  const options = command === 'flatten' ? { plan: 'a1' } : {};
  const reached = await reachBot(host, directory, { command, actor: 'ada', reason: 'x', withinMs: 1, options });
  if (reached.bot === 'answered') throw new Error('it answered');
  return [reached, reached.bot === 'absent' ? absentText(reached, command, '') : silentText(reached, command, '')];
}

describe('a talk that breaks off', () => {
  const cases = COMMANDS.flatMap((command) =>
    POINTS.flatMap((point) => [undefined, 'process 7'].map((holder) => ({ command, point, holder }))),
  );
  it.each(cases)('$command, $point, held by $holder: never "nothing was done" after it was sent', async (of) => {
    const [reached, text] = await told(await dying(of.point), of.command, of.holder);
    const isTaken = of.point !== 'not sent' && of.command !== 'status';
    expect(reached).toMatchObject({ taken: isTaken ? of.point : 'not sent' });
    if (isTaken) {
      expect(text).toMatch(/Sent +UNKNOWN: /);
      expect(text.replace(/Nothing is lost by that.*/, '')).not.toMatch(/nothing|refused/i);
      expect(text).toContain(of.point === 'accepted' ? `${of.command} was accepted` : `${of.command} was sent`);
    } else expect(text).not.toContain('UNKNOWN');
    if (of.command === 'status') expect(text).not.toContain('Command');
    if (of.holder === undefined && !isTaken && of.command === 'halt')
      expect(text).toMatch(/^ *Bot +NO BOT RUNS on this state directory[^]*?Sent +nothing, to no venue/);
    if (of.holder !== undefined) expect(text).toContain('kill -9 7');
    const asked = of.command === 'halt' || of.command === 'reduce-only';
    const waits = asked || (of.command === 'resume' && of.holder === undefined && !isTaken);
    expect((reached as Extract<Reached, { bot: 'absent' }>).waiting.map(({ command }) => command)).toEqual(
      waits ? [of.command] : [],
    );
  });

  it('leaves no request to resume where nothing holds the next start: it would lift what nobody has seen', async () => {
    const directory = await dying('not sent');
    const [free, text] = await told(directory, 'resume', undefined, 'NORMAL');
    expect((free as Extract<Reached, { bot: 'absent' }>).waiting).toEqual([]);
    expect(text).toContain('nothing is left: nothing holds the next start');
    await told(directory, 'halt', undefined, 'NORMAL');
    const [held] = await told(directory, 'resume', undefined, 'NORMAL');
    expect((held as Extract<Reached, { bot: 'absent' }>).waiting.map(({ command }) => command).sort()).toEqual([
      'halt',
      'resume',
    ]);
  });

  it('shows what waits for a bot that hangs to whoever looks next', async () => {
    const directory = await dying('not sent');
    await told(directory, 'halt', 'process 7');
    expect((await told(directory, 'status', 'process 7'))[1]).toMatch(/Waiting +halt by ada: x/);
  });
});
