import type { HttpReply, ServedRequest } from '../../../ports/transport/http-server.js';
import type { Accounts } from '../account/accounts.js';
import { Params } from '../params.js';
import { WireRefusal } from '../refusal.js';
import type { RequestWeights } from '../request-weights.js';
import type { Signatures } from '../signatures.js';
import type { AccountRoute, AccountRoutes, Route, Routes } from './route.js';

/** Of a request that cannot be weighed, because there is none such or what it asks for is no number. */
const LEAST_WEIGHT = 1;

export interface ServedRoutes {
  readonly market: Routes;
  readonly account: AccountRoutes;
}

/** Answers requests: weight first, then whether there is such a request, who asks, and what is asked for. */
export class RequestDesk {
  constructor(
    private readonly routes: ServedRoutes,
    private readonly weights: RequestWeights,
    private readonly signatures: Signatures,
    private readonly accounts: Accounts,
  ) {}

  answer(request: ServedRequest, now: number): HttpReply {
    const reply = this.replyTo(request, now);
    return {
      ...reply,
      headers: { ...reply.headers, 'X-MBX-USED-WEIGHT-1M': String(this.weights.usedBy(request.from, now)) },
    };
  }

  private replyTo(request: ServedRequest, now: number): HttpReply {
    const { method, target, body, from } = request;
    const [path = '', ...rest] = target.split('?');
    const params = new Params(rest.join('?'), body);
    const name = `${method} ${path}`;
    const [route, own] = [this.routes.market.get(name), this.routes.account.get(name)];
    try {
      this.weights.take(from, weightOf(route ?? own, params), now);
      if (own !== undefined) return this.ofAccount(own, request, params, now);
      if (route === undefined) return refusal(new WireRefusal(-5000, `Path ${path}, Method ${method} is invalid`, 404));
      params.assertOnce();
      if (route.isSigned === true) this.signatures.verify(request, params, now);
      return { status: 200, body: JSON.stringify(route.answer(params, now)) };
    } catch (error) {
      if (error instanceof WireRefusal) return refusal(error);
      throw error;
    }
  }

  private ofAccount(route: AccountRoute, request: ServedRequest, params: Params, now: number): HttpReply {
    params.assertOnce();
    const { key } =
      route.byKey === true ? this.signatures.known(request) : this.signatures.verify(request, params, now);
    const desks = this.accounts.of(key);
    if (desks === undefined) throw notAllowed();
    // A key that may look alone.
    if (!desks.account.mayTrade && request.method !== 'GET' && route.byKey !== true) throw notAllowed();
    const body = JSON.stringify(route.answer(desks, params, now));
    return { status: 200, headers: route.isOrder === true ? desks.account.counts.headers(now) : {}, body };
  }
}

const notAllowed = (): WireRefusal => new WireRefusal(-2015, 'Invalid API-key, IP, or permissions for action', 401);

function weightOf(route: Pick<Route, 'weight'> | undefined, params: Params): number {
  try {
    return route?.weight(params) ?? LEAST_WEIGHT;
  } catch (error) {
    if (error instanceof WireRefusal) return LEAST_WEIGHT;
    throw error;
  }
}

const refusal = ({ code, message, status, headers }: WireRefusal): HttpReply => ({
  status,
  headers,
  body: JSON.stringify({ code, msg: message }),
});
