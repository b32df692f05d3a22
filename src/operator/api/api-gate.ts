import { fault, type PerpsBotError } from '../../domain/errors.js';
import { MINUTE_MS } from '../../domain/time-spans.js';
import type { HostClock } from '../../ports/configuration/clock.js';
import type { Logger } from '../../ports/configuration/logger.js';
import { Allowance } from './allowance.js';
import { refusing, valuesOf, type ApiAnswer, type ApiRequest } from './exchange.js';
import { KnownTokens, TOKEN_FORM, type ApiToken } from './tokens.js';

/** Wrong tokens of one source within a minute, before it is told to wait. */
const MOST_FAILURES = 20;
/** Ten a second: a page that looks four times a second has room. */
const MOST_REQUESTS = 600;
const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];
const HOST = /^([\w.-]{1,253}|\[[\da-f:.]{2,45}\])(?::\d{1,5})?$/i;
const LONGEST_TARGET = 2_048;
const BEARER = 'Bearer ';

/** Who is let in. */
export interface ApiGateOptions {
  /** At least one: there is no other way in. */
  readonly tokens: readonly ApiToken[];
  /** Names a request may be addressed to, without the port. Default: those of this machine alone. */
  readonly hosts?: readonly string[];
  /** Pages that may ask, `https://desk.example`. Default: none. */
  readonly origins?: readonly string[];
}

/**
 * Decides whose request is heard before anybody looks at what it asks for. A source that guesses is told to wait; who
 * has a token is not, wherever he asks from: nobody is kept from his bot by somebody else's guesses.
 */
export class ApiGate {
  private readonly tokens: KnownTokens;
  private readonly hosts: ReadonlySet<string>;
  private readonly origins: ReadonlySet<string>;
  private readonly failures: Allowance;
  private readonly requests: Allowance;

  /** Throws CFG-009 for tokens that cannot be. */
  constructor(
    { tokens, hosts = LOOPBACK, origins = [] }: ApiGateOptions,
    clock: Pick<HostClock, 'monotonic'>,
    private readonly logger: Pick<Logger, 'warn'>,
  ) {
    this.tokens = new KnownTokens(tokens);
    this.hosts = new Set(hosts.map((host) => host.toLowerCase()));
    this.origins = new Set(origins);
    this.failures = new Allowance(MINUTE_MS, clock);
    this.requests = new Allowance(MINUTE_MS, clock);
  }

  /** The token of the caller, or what he is answered. */
  pass(request: ApiRequest): ApiToken | ApiAnswer {
    return this.refuseForm(request) ?? this.tokenOf(request);
  }

  private refuseForm({ rawHeaders, target }: ApiRequest): ApiAnswer | undefined {
    const [host, ...others] = valuesOf(rawHeaders, 'host');
    const name = others.length === 0 ? HOST.exec(host ?? '')?.[1]?.toLowerCase() : undefined;
    if (name === undefined || !this.hosts.has(name))
      return refusing(421, stranger('A request must be addressed to a host of this API, was not.'));
    // A page's own requests bear no Origin where they only read; whatever bears one must be listed.
    if (!valuesOf(rawHeaders, 'origin').every((origin) => this.origins.has(origin)))
      return refusing(403, stranger('A page that asks must be of a listed origin, was not.'));
    if (target.length > LONGEST_TARGET)
      return refusing(414, fault('CTRL-002', `A target must have at most ${LONGEST_TARGET} characters.`));
    const bodies = [...valuesOf(rawHeaders, 'content-length'), ...valuesOf(rawHeaders, 'transfer-encoding')];
    if (bodies.some((length) => length !== '0'))
      return refusing(413, fault('CTRL-002', 'A request that reads must have no body, had one.'));
    return undefined;
  }

  private tokenOf({ rawHeaders, source }: ApiRequest): ApiToken | ApiAnswer {
    const [authorization = '', ...others] = valuesOf(rawHeaders, 'authorization');
    const presented = authorization.startsWith(BEARER) ? authorization.slice(BEARER.length) : '';
    const token = others.length === 0 && TOKEN_FORM.test(presented) ? this.tokens.find(presented) : undefined;
    if (token === undefined) return this.failed(source);
    return this.requests.count(token.id) > MOST_REQUESTS
      ? waiting('A token is good for 600 requests a minute.')
      : token;
  }

  private failed(source: string): ApiAnswer {
    const failures = this.failures.count(source);
    if (failures === MOST_FAILURES) this.logger.warn('Somebody tries tokens at the control API', { source, failures });
    if (failures > MOST_FAILURES) return waiting('Too many requests without a token that is known.');
    return refusing(401, stranger('A request must bear a token that is known, bore none.'), {
      'www-authenticate': 'Bearer realm="perpsbot"',
    });
  }
}

const stranger = (message: string): PerpsBotError =>
  fault('CTRL-003', message, { fix: 'Send one Authorization: Bearer header, to a listed host, from a listed page.' });

const waiting = (message: string): ApiAnswer =>
  refusing(429, fault('CTRL-003', message, { fix: 'Wait a minute.' }), { 'retry-after': '60' });
