import { fault, messageOf, PerpsBotError } from '../../domain/errors.js';
import type { HostClock } from '../../ports/configuration/clock.js';
import type { Logger } from '../../ports/configuration/logger.js';
import type { Redactor } from '../../ports/configuration/redactor.js';
import { answering, refusing, type ApiAnswer, type ApiRequest } from './exchange.js';
import { ApiGate, type ApiGateOptions } from './api-gate.js';
import { readQuery } from './query.js';
import { API_ROUTES, type ApiRoute, type ApiSources } from './routes.js';

export interface ControlApiPorts extends ApiSources {
  readonly redactor: Pick<Redactor, 'text' | 'record'>;
  readonly clock: Pick<HostClock, 'monotonic'>;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
}

/** Answers requests about one bot. It opens nothing: whoever has a server hands over what that has read. */
export class ControlApi {
  private readonly gate: ApiGate;

  /** Throws CFG-009 without tokens, or for one that cannot be: there is no other way in. */
  constructor(
    options: ApiGateOptions,
    private readonly ports: ControlApiPorts,
  ) {
    this.gate = new ApiGate(options, ports.clock, ports.logger);
  }

  /** Never throws. What is asked for is looked at once it is known who asks. */
  answer(request: ApiRequest): ApiAnswer {
    const passed = this.gate.pass(request);
    if ('status' in passed) return passed;
    const [path = '', ...rest] = request.target.split('?');
    const route = API_ROUTES.find((known) => known.path === path);
    if (route === undefined) return refusing(404, fault('CTRL-002', 'The path must be one of this API, is another.'));
    if (request.method !== route.method)
      return refusing(405, fault('CTRL-002', `${path} must be asked with ${route.method}.`), { allow: route.method });
    if (!passed.scopes.includes(route.scope))
      return refusing(403, fault('CTRL-003', `The token must have the scope ${route.scope}, has not.`));
    return this.read(route, rest.join('?'));
  }

  private read(route: ApiRoute, queryText: string): ApiAnswer {
    const { redactor, logger } = this.ports;
    try {
      const query = readQuery(queryText, route.parameters);
      const answer = answering(route.read(this.ports, query));
      return { ...answer, body: redactor.record?.(answer.body) ?? answer.body };
    } catch (error) {
      if (PerpsBotError.is(error) && error.code === 'CTRL-002') return refusing(400, error);
      const told = redactor.text(messageOf(error));
      logger.error('The control API could not answer', { path: route.path, error: told });
      const code = PerpsBotError.is(error) ? error.code : 'BOT-001';
      return refusing(503, fault(code, told));
    }
  }
}
