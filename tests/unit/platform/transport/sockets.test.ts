import { afterEach, describe, expect, it } from '@jest/globals';
import type { Socket } from '#src/ports/transport/socket-client.js';
import type { ServedSocket } from '#src/ports/transport/socket-server.js';
import { failure, Heard, inMemory, overHost, Scene, type Transports } from './scene.js';

const WAYS: readonly (readonly [string, () => Transports])[] = [
  ['over the host', overHost],
  ['in memory', inMemory],
];

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30));

describe.each(WAYS)('sockets %s', (_name, transports) => {
  const opened: Scene[] = [];
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.end();
  });

  /** A client and the server's end of its socket. */
  async function pair(
    more: { readonly greet?: string; readonly maxMessageBytes?: number } = {},
  ): Promise<{ client: Socket; heard: Heard; server: ServedSocket; served: Heard; scene: Scene }> {
    const scene = new Scene(transports());
    opened.push(scene);
    const listening = await scene.serve(() => ({ status: 404, body: '' }));
    const [heard, served] = [new Heard(), new Heard()];
    let server: ServedSocket | undefined;
    scene.over.socketServer.attach(listening, ({ target }) => {
      if (target === '/closed') return 403;
      return (socket) => {
        server = socket;
        if (more.greet !== undefined) socket.send(more.greet);
        return served;
      };
    });
    const { maxMessageBytes = 1_000 } = more;
    const client = await scene.over.sockets.open(
      `${scene.socketUrl}/ws?k=%2B`,
      { timeoutMs: 5_000, maxMessageBytes },
      heard,
    );
    return { client, heard, server: server as ServedSocket, served, scene };
  }

  it('carry messages both ways in order, from the first breath on, and are written down', async () => {
    const { client, heard, server, served, scene } = await pair({ greet: 'hello' });
    for (const word of ['a', 'ü', '']) client.send(word);
    for (const word of ['1', '2']) server.send(word);
    expect(await served.until(3)).toEqual(['a', 'ü', '']);
    expect(await heard.until(3)).toEqual(['hello', '1', '2']);
    expect(scene.log.map(({ kind, way, text }) => `${kind} ${way} ${text}`).sort()).toEqual(
      [
        'open in /ws?k=%2B',
        'message out hello',
        'message in a',
        'message in ü',
        'message in ',
        'message out 1',
        'message out 2',
      ].sort(),
    );
  });

  it('are turned away by a status, and do not open where nobody listens', async () => {
    const { scene } = await pair();
    const { over, socketUrl } = scene;
    const refused = over.sockets.open(`${socketUrl}/closed`, { timeoutMs: 5_000 }, new Heard());
    expect(await failure(refused)).toEqual(['maybe', expect.stringContaining('403')]);
    await scene.end();
    const gone = over.sockets.open(socketUrl, { timeoutMs: 5_000 }, new Heard());
    expect((await failure(gone))[1]).toMatch(/refused/i);
  });

  it('say goodbye with code and reason, once, on both ends', async () => {
    const { client, heard, server, served } = await pair();
    server.close(1_001, 'going away');
    expect(await heard.until(1)).toEqual(['(closed 1001 going away)']);
    expect(await served.until(1)).toEqual([expect.stringContaining('(closed 1001')]);
    client.send('too late');
    client.close();
    client.reset();
    await settled();
    expect([heard.words.length, served.words.length]).toEqual([1, 1]);
  });

  it('end without a word', async () => {
    const { client, heard, served } = await pair();
    client.reset();
    expect(await served.until(1)).toEqual(['(closed 1006)']);
    expect(await heard.until(1)).toEqual(['(closed 1006)']);
  });

  it('answer a ping, and tell of it', async () => {
    const { client, heard, server, served } = await pair();
    client.ping();
    expect(await heard.until(1)).toEqual(['(pong)']);
    server.ping();
    expect(await served.until(2)).toEqual(['(ping)', '(pong)']);
  });

  it('stand though nobody is there any more', async () => {
    const { client, heard, server, served } = await pair();
    server.deafen();
    client.ping();
    client.send('anybody?');
    await settled();
    expect([heard.words, served.words]).toEqual([[], []]);
    client.reset();
    expect(await heard.until(1)).toEqual(['(closed 1006)']);
  });

  it('hold what is not read, and go on where they stopped', async () => {
    const { client, heard, server } = await pair();
    client.pause();
    server.send('one');
    await settled();
    expect(heard.words).toEqual([]);
    client.resume();
    server.send('two');
    expect(await heard.until(2)).toEqual(['one', 'two']);
    expect(server.buffered).toBe(0);
  });

  it('take no message that is too long', async () => {
    const { heard, server, served } = await pair({ maxMessageBytes: 10 });
    server.send('x'.repeat(11));
    expect((await heard.until(1))[0]).toMatch(/^\(closed 10(06|09)/);
    expect((await served.until(1))[0]).toMatch(/^\(closed 10(06|09)/);
  });

  it('end with their server', async () => {
    const { heard, scene } = await pair();
    await scene.end();
    expect(await heard.until(1)).toEqual(['(closed 1006)']);
  });

  it('do not open for whoever has given up', async () => {
    const { scene } = await pair();
    const giveUp = AbortSignal.abort();
    const asked = scene.over.sockets.open(scene.socketUrl, { timeoutMs: 5_000, signal: giveUp }, new Heard());
    expect(await failure(asked)).toEqual(['maybe', expect.stringContaining('given up')]);
  });
});
