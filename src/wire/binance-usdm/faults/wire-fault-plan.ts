import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { RandomStream } from '../../../ports/configuration/random.js';
import type { HttpReply, HttpServed, ServedRequest } from '../../../ports/transport/http-server.js';
import type { ServedSocket } from '../../../ports/transport/socket-server.js';
import type { Accounts } from '../account/accounts.js';
import type { WireMarkets } from '../rest/asked.js';
import { VenueFaults } from './venue-faults.js';
import { FaultyStreams } from './faulty-streams.js';
import { faultyReply } from './faulty-reply.js';
import type { WireFault } from '../../../ports/venue/serving/wire-faults.js';

export interface FaultTerms {
  readonly faults: readonly WireFault[];
  /** Of each fault, at each answer and each message. */
  readonly chance: number;
  /** The same numbers and the same requests make the same faults. */
  readonly random: RandomStream;
}

/** What goes wrong on the way between the server and its clients. */
export class WireFaultPlan {
  /** Answers of before, by what was asked: a stale one is one of these. */
  private readonly before = new Map<string, HttpReply>();

  constructor(
    private readonly terms: FaultTerms,
    private readonly scheduler: Scheduler,
  ) {}

  reply(request: ServedRequest, reply: HttpReply): HttpServed | Promise<HttpServed> {
    const old = this.before.get(request.target);
    if (request.target.includes('/depth?')) this.before.set(request.target, reply);
    return faultyReply({ reply, old }, (fault) => this.happens(fault), this.scheduler);
  }

  line(socket: ServedSocket): FaultyStreams {
    return new FaultyStreams(socket, (fault) => this.happens(fault), this.scheduler);
  }

  /** What befalls these markets and accounts. */
  venue(markets: WireMarkets, accounts: Accounts): VenueFaults {
    const { terms, scheduler } = this;
    return new VenueFaults({
      happens: (fault) => this.happens(fault),
      random: terms.random,
      scheduler,
      markets,
      accounts,
    });
  }

  private happens(fault: WireFault): boolean {
    const { faults, random, chance } = this.terms;
    return faults.includes(fault) && random.next() < chance;
  }
}
