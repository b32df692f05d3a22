import type { HttpReply, ServedRequest } from '../../../ports/transport/http-server.js';
import { Params } from '../params.js';
import { WireRefusal } from '../refusal.js';
import type { RequestWeights } from '../request-weights.js';
import type { Signatures } from '../signatures.js';
import type { Route, Routes } from './route.js';

/** Of a request that cannot be weighed, because there is none such or what it asks for is no number. */
const LEAST_WEIGHT = 1;

/** Answers requests: weight first, then whether there is such a request, who asks, and what is asked for. */
export class RequestDesk {
  constructor(
    private readonly routes: Routes,
    private readonly weights: RequestWeights,
    private readonly signatures: Signatures,
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
    const route = this.routes.get(`${method} ${path}`);
    try {
      this.weights.take(from, weightOf(route, params), now);
      if (route === undefined) return refusal(new WireRefusal(-5000, `Path ${path}, Method ${method} is invalid`, 404));
      params.assertOnce();
      if (route.isSigned === true) this.signatures.verify(request, params, now);
      return { status: 200, body: JSON.stringify(route.answer(params, now)) };
    } catch (error) {
      if (error instanceof WireRefusal) return refusal(error);
      throw error;
    }
  }
}

function weightOf(route: Route | undefined, params: Params): number {
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
