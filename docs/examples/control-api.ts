import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { controlApi, createBot, newApiToken, type PerpsBot } from 'perpsbot';

/** A bot that a program of the same machine may look at. */
export async function watched(tell: (line: string) => void): Promise<PerpsBot> {
  const bot = createBot({
    config: { profile: 'demo', simulation: { seed: 1, speed: 'max' }, storage: { driver: 'memory' } },
  });
  await bot.open();
  // #region serve
  const { token, kept } = newApiToken('desk', ['read']); // keep `kept`, hand `token` to whoever may look
  const api = controlApi(bot, { tokens: [kept] });
  const server = createServer({ maxHeaderSize: 8_192, requestTimeout: 10_000 }, (request, response) => {
    const { method = '', url: target = '', rawHeaders, socket } = request;
    const source = socket.remoteAddress ?? '';
    const { status, headers, body } = api.answer({ method, target, rawHeaders, source });
    response.writeHead(status, headers).end(body);
  });
  server.listen(0, '127.0.0.1');
  // #endregion
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const ask = async (headers: Record<string, string>): Promise<readonly [number | undefined, string]> => {
    const [answer] = (await once(get({ port, path: '/v1/status', headers, agent: false }), 'response')) as [
      IncomingMessage,
    ];
    return [answer.statusCode, await text(answer)];
  };
  tell(`without a token ${(await ask({}))[0]}`);
  const [, status] = await ask({ authorization: `Bearer ${token}` });
  tell(`with one ${(JSON.parse(status) as { state: string }).state}`);
  server.close();
  await once(server, 'close');
  await bot.stop();
  return bot;
}
