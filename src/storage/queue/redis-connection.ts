import { fault, messageOf } from '../../domain/errors.js';
import { backoffMs } from '../../flow/backoff.js';
import { optionalPackage } from '../../flow/optional-package.js';

type BullMq = typeof import('bullmq');
type Redis = import('ioredis').Redis;

const CONNECT_WITHIN_MS = 5_000;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2_000;

/** A connection that comes back by itself. */
export interface Connection {
  readonly client: Redis;
  close(): Promise<void>;
}

/** Throws CLI-001. The URL may hold a password: it is not repeated. */
export function assertRedisUrl(url: string): void {
  if (!/^rediss?:\/\/\S+$/.test(url) || !URL.canParse(url))
    throw fault('CLI-001', '--queue must be a Redis URL, was something else.', {
      fix: 'Write for example --queue redis://127.0.0.1:6379.',
    });
}

/** Loaded when a farm is asked for: nobody else needs it installed. Throws PKG-001. */
export const loadBullMq = (): Promise<BullMq> => optionalPackage('bullmq', 'Farms', () => import('bullmq'));

/**
 * Connects once, in a bounded time, so that a wrong address is said at once; throws SWEEP-005, or PKG-001. The URL may
 * hold a password: it is not repeated.
 */
export async function connect(url: string): Promise<Connection> {
  assertRedisUrl(url);
  const module = await optionalPackage('ioredis', 'Farms', () => import('ioredis'));
  const { hostname, port } = new URL(url);
  let connected = false;
  const client = new module.Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: null,
    connectTimeout: CONNECT_WITHIN_MS,
    retryStrategy: (times) => (connected ? backoffMs(times, FIRST_WAIT_MS, LONGEST_WAIT_MS) : null),
  });
  let cause: unknown;
  client.on('error', (error) => (cause = error));
  try {
    await client.connect();
  } catch (error) {
    if (client.status !== 'end') client.disconnect();
    throw fault(
      'SWEEP-005',
      `Redis must be reachable at ${hostname}:${port === '' ? 6379 : port}, and is not: ${messageOf(cause ?? error)}.`,
      { cause: error, fix: 'Start it, or check the address in --queue.' },
    );
  }
  connected = true;
  return {
    client,
    close: async () => {
      await client.quit().catch(() => client.disconnect());
    },
  };
}
