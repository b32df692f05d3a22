import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NodeHttpServer } from '#src/platform/transport/node-http-server.js';
import { Running } from '../support/processes.js';
import { Operated } from './operated.js';

const CHILD = 'tests/simulation/support/mortal-live-child.mjs';

/** Where a life ends: at the nth passing of this place. */
export interface Death {
  readonly point:
    | 'intent durable, nothing sent'
    | 'answered, not recorded'
    | 'cancelled, not recorded'
    | 'fill told, not taken'
    | 'order told, not taken'
    | 'before a durable record'
    | 'after a durable record'
    | 'record queued'
    | 'shutdown';
  readonly nth: number;
}

interface Verdict extends Death {
  readonly problems: readonly string[];
  readonly fills: number;
  readonly orders: number;
  readonly safety: string;
  readonly reason: string;
}

export interface KilledLives {
  readonly deaths: number;
  readonly verdicts: readonly Verdict[];
  /** Client ids in the order in which they left, over all lives. */
  readonly sent: readonly string[];
}

/**
 * Lives of one live bot on a served venue, one after the other in one state directory. Each is as long as it takes to
 * its place, and no longer than `forMs`; the last ends by itself once it has been judged.
 */
export async function killedLives(name: string, deaths: readonly Death[], forMs: number): Promise<KilledLives> {
  let lives = 0;
  let died = 0;
  const at = await fromAddresses(
    () => `life ${lives}`,
    () => Operated.serve(name),
  );
  try {
    const file = join(at.directory, 'live.yaml');
    for (const death of [...deaths, { point: 'shutdown', nth: 0, forMs: 0 } as const]) {
      lives += 1;
      const life = { file, directory: at.directory, state: at.state, forMs, ...death };
      const running = new Running([CHILD, JSON.stringify(life)]);
      const { code, signal } = await running.exited;
      if (signal === 'SIGKILL') died += 1;
      else if (code !== 0) throw new Error(`A life ended with ${code ?? signal}: ${running.stdout}${running.stderr}`);
    }
    return { deaths: died, verdicts: linesOf(at, 'verdicts.jsonl').map(verdictOf), sent: linesOf(at, 'wire.log') };
  } finally {
    await at.close();
  }
}

/** Each life asks from an address of its own: what a restart costs the venue's patience is not asked here. */
async function fromAddresses<T>(addressOf: () => string, serve: () => Promise<T>): Promise<T> {
  const { listen } = NodeHttpServer.prototype;
  NodeHttpServer.prototype.listen = function (this: NodeHttpServer, options, handler) {
    return listen.call(this, options, (request) => handler({ ...request, from: addressOf() }));
  };
  try {
    return await serve();
  } finally {
    NodeHttpServer.prototype.listen = listen;
  }
}

const verdictOf = (line: string): Verdict => JSON.parse(line) as Verdict;

function linesOf({ directory }: Operated, name: string): readonly string[] {
  const path = join(directory, name);
  return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
}
