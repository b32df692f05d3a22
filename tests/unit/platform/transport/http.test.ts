import { createServer } from 'node:https';
import { createServer as createPlain, type Server } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { failure, inMemory, overHost, Scene, type Transports } from './scene.js';

/** Signed by nobody, for this test alone. */
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgi8RZWML7U6e+xIPM
02wzeNX1Wdu4GQ7efOG2QXio5f6hRANCAASeXVlTGUyNoTTxS9R3OkvFQHCm71IP
mZgEviLcMPTfzStyj0H1sIqPPpYyCO8QeegwREBRC4rrmhfEMmfSBFVI
-----END PRIVATE KEY-----`;
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBfjCCASWgAwIBAgIUT3sP+yZG/k6+I5NvQFvZKVusBSMwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEzMDA4MDEzOVoYDzIxMjYxMTA2
MDgwMTM5WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASeXVlTGUyNoTTxS9R3OkvFQHCm71IPmZgEviLcMPTfzStyj0H1sIqP
PpYyCO8QeegwREBRC4rrmhfEMmfSBFVIo1MwUTAdBgNVHQ4EFgQU1QDMghM2ICa7
FTC6akqb4uTDrRIwHwYDVR0jBBgwFoAU1QDMghM2ICa7FTC6akqb4uTDrRIwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiBYO1qYyFvUOY3z83i9oqxC
wSAiOIHXaUAdfowOivxzqgIgO1Gdxh4cnD3ZRcS4HIKYSr+MwmkGkbA1D0BVV3EV
vHc=
-----END CERTIFICATE-----`;

const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });

const WAYS: readonly (readonly [string, () => Transports])[] = [
  ['over the host', overHost],
  ['in memory', inMemory],
];

describe.each(WAYS)('requests %s', (_name, transports) => {
  const scene = new Scene(transports());
  const opened: Scene[] = [scene];
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.end();
  });
  const fresh = (): Scene => {
    const made = new Scene(transports());
    opened.push(made);
    return made;
  };

  it('arrive letter by letter as they were given, and are written down so', async () => {
    const own = fresh();
    await own.serve(({ method, target, headers, body }) => ({
      status: 201,
      headers: { 'X-Weight': '7' },
      body: `${method} ${target} ${String(headers.get('x-key'))} ${body}`,
    }));
    const target = '/v1/order?symbol=%E5%B8%81&a=b+c%2B{}|&sig=A/b=';
    const answer = await own.ask(target, { method: 'POST', headers: { 'X-Key': 'k' }, body: 'naïve' });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('x-weight')).toBe('7');
    expect(answer.body).toBe(`POST ${target} k naïve`);
    expect(own.log.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
      `request: POST ${target}\nnaïve`,
      `reply: 201 POST ${target} k naïve`,
    ]);
    expect(own.log[0]?.headers?.includes('X-Key')).toBe(true);
  });

  it.each([204, 301, 418, 503])('are answered by any status: %i', async (status) => {
    const own = fresh();
    await own.serve(() => ({ status, headers: { location: '/other' }, body: '' }));
    expect((await own.ask('/')).status).toBe(status);
  });

  it('that reached nobody say so', async () => {
    const own = fresh();
    const gone = await own.serve(() => ({ status: 200, body: '' }));
    await gone.close();
    const [reached, message] = await failure(own.ask('/?signature=secret', { method: 'POST' }));
    expect(reached).toBe('no');
    expect(message).toContain(`${gone.host}:${gone.port}`);
    expect(message).not.toContain('secret');
  });

  it.each([
    ['nobody answers', 'silence', /no answer within 400 ms/],
    ['the connection ends', 'reset', /POST 127/],
    ['the answer is cut', { status: 200, body: '{"orderId":1}', cutAt: 5 }, /ended early|aborted/],
    ['the answer is too long', { status: 200, body: 'x'.repeat(500) }, /longer than 400 bytes/],
  ] as const)('may have arrived where %s', async (_case, reply, told) => {
    const own = fresh();
    await own.serve(() => reply);
    const [reached, message] = await failure(own.ask('/', { method: 'POST', timeoutMs: 400, maxBodyBytes: 400 }));
    expect(reached).toBe('maybe');
    expect(message).toMatch(told);
  });

  it('end when they are given up, and when the client is closed', async () => {
    const own = fresh();
    await own.serve(() => 'silence');
    const giveUp = new AbortController();
    const [first, second] = [failure(own.ask('/', { signal: giveUp.signal })), failure(own.ask('/'))];
    giveUp.abort();
    expect(await first).toEqual([expect.any(String), expect.stringContaining('given up')]);
    own.over.http.close();
    expect(await second).toEqual([expect.any(String), expect.stringContaining('closed')]);
    expect(await failure(own.ask('/', { signal: giveUp.signal }))).toEqual(['no', expect.stringContaining('given up')]);
  });

  it('are refused where they are too long, and answered with 500 where the handler throws', async () => {
    const own = fresh();
    await own.serve(() => {
      throw new Error('no such thing');
    });
    expect(await own.ask('/')).toMatchObject({ status: 500, body: 'no such thing' });
    const long = await own.ask('/', { method: 'POST', body: 'x'.repeat(1_001) }).catch(() => ({ status: 413 }));
    expect(long.status).toBe(413);
  });

  it.each(['ftp://127.0.0.1/', 'http://127.0.0.1/ü', 'http://127.0.0.1/a b', 'http:/', '/v1/time'])(
    'to %s are refused before anything is sent',
    async (url) => {
      const own = fresh();
      await own.serve(() => ({ status: 200, body: '' }));
      expect(await failure(own.ask('/', { url }))).toEqual(['no', expect.stringContaining('An address must be')]);
      expect(own.log).toEqual([]);
    },
  );

  it('cannot be served where somebody listens', async () => {
    const own = fresh();
    const { host, port } = await own.serve(() => ({ status: 200, body: '' }));
    const again = own.over.server.listen({ host, port }, () => 'reset');
    expect(await failure(again)).toEqual(['no', expect.stringContaining(`${host}:${port}`)]);
  });
});

describe('requests over the host', () => {
  it('believe no certificate that nobody vouches for', async () => {
    const server = createServer({ key: KEY, cert: CERTIFICATE }, (_request, response) => response.end('{}'));
    const port = await listening(server);
    const { http } = overHost();
    const asked = http.request({ method: 'POST', url: `https://127.0.0.1:${port}/`, timeoutMs: 5_000 });
    expect(await failure(asked)).toEqual(['no', expect.stringMatching(/certificate/)]);
    server.close();
  });

  /** Answers the first request of each connection and ends it under the second. */
  const impatient = (): { readonly server: Server; readonly seen: string[] } => {
    const seen: string[] = [];
    const server = createPlain((socket) => {
      let isFirst = true;
      socket.on('error', () => undefined);
      socket.on('data', (data) => {
        seen.push(data.toString().split(' ')[0] as string);
        if (isFirst) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}');
        else socket.destroy();
        isFirst = false;
      });
    });
    return { server, seen };
  };

  it('ask once more on a new connection where a kept one ended, and only what changes nothing', async () => {
    const { server, seen } = impatient();
    const url = `http://127.0.0.1:${await listening(server)}/`;
    const { http } = overHost();
    await http.request({ method: 'GET', url, timeoutMs: 5_000 });
    expect((await http.request({ method: 'GET', url, timeoutMs: 5_000 })).body).toBe('{}');
    const [reached] = await failure(http.request({ method: 'POST', url, timeoutMs: 5_000 }));
    expect(reached).toBe('maybe');
    expect(seen).toEqual(['GET', 'GET', 'GET', 'POST']);
    http.close();
    server.close();
  });
});
