import { Container, type BindingConstraints, type ServiceIdentifier } from 'inversify';
import { fault, type PerpsBotError } from '../../src/domain/errors.js';
import type { BindingBook } from './binding-book.js';
import { serviceName } from './service-name.js';

/** A service of the bot that a service of the host would be injected with, and the host's services on the way to it. */
interface Taken {
  readonly taken: ServiceIdentifier;
  /** From the service that takes it up to the one that was asked for. */
  readonly by: readonly ServiceIdentifier[];
}

/** Its binding ends a plan before anything of it is made. */
const PLANNED = Symbol('everything is planned');

/**
 * Finds what would be shared between two bots: a singleton of the host's that is injected with a bot's service holds
 * that of the bot which asked first, and is handed to the others. Read from plans that Inversify makes in a container
 * beside the bot's, in which the bot's tokens are bound to nothing; the plans are given up before anything is made.
 *
 * What a dynamic value of the host's asks for while it is made cannot be seen: bind it transient.
 */
export class HostServices {
  private readonly checked = new Set<ServiceIdentifier>();

  constructor(
    private readonly host: Container,
    private readonly bot: BindingBook,
    /** Asked only when something is about to be refused. */
    private readonly isSingleton: (id: ServiceIdentifier) => boolean,
  ) {}

  isBound(id: ServiceIdentifier): boolean {
    return this.host.isBound(id);
  }

  /** Everything of the host's that the bot's own bindings reach. Throws DI-013. */
  checkAll(): void {
    const probe = this.probe();
    for (const { recipe } of this.bot.standing.values()) {
      if (recipe === undefined) continue;
      const root = Symbol('root');
      // A class that cannot be bound has been refused where the bot bound it.
      recipe(probe.container, root);
      for (const found of probe.plan(root)) this.assertNotShared(found);
    }
  }

  /** One service of the host's that the bot is asked for. Throws DI-013. */
  check(id: ServiceIdentifier): void {
    if (this.checked.has(id)) return;
    for (const found of this.probe().plan(id)) this.assertNotShared(found);
    this.checked.add(id);
  }

  /** The bot's services that one of the host's takes and the host alone has not. */
  takenBy(id: ServiceIdentifier): ServiceIdentifier[] {
    return this.probe()
      .plan(id)
      .map(({ taken }) => taken)
      .filter((taken) => !this.host.isBound(taken));
  }

  private assertNotShared({ taken, by }: Taken): void {
    const singleton = by.find((id) => this.isSingleton(id));
    if (singleton === undefined) return;
    if (!this.host.isBound(taken)) throw shared(singleton, taken);
    // The host has one of its own: so the host makes its singleton, before the bot could lend it what is the bot's.
    this.host.getAll(singleton);
  }

  private probe(): { container: Container; plan(id: ServiceIdentifier): Taken[] } {
    const container = new Container({ parent: this.host });
    let found: Taken[] = [];
    for (const taken of this.bot.services()) {
      container
        .bind(taken)
        .toConstantValue(undefined)
        .when((constraints) => {
          const by = ancestorsOf(constraints).filter((id) => this.host.isBound(id));
          if (by.length > 0) found.push({ taken, by });
          return true;
        });
    }
    container
      .bind(PLANNED)
      .toConstantValue(undefined)
      .when(() => {
        throw new Error('Planned, and not to be made.');
      });
    return {
      container,
      plan: (id) => {
        found = [];
        const root = Symbol('plan');
        container.bind(root).toResolvedValue((...needs: unknown[]) => needs, [id, PLANNED]);
        try {
          container.get(root);
        } catch {
          // Planned, or missing something, which whoever asks for it in earnest is told.
        }
        return found;
      },
    };
  }
}

export const shared = (holder: ServiceIdentifier, taken: ServiceIdentifier): PerpsBotError =>
  fault(
    'DI-013',
    `${serviceName(holder)} of the host's container must not take ${serviceName(taken)}: it is a singleton, and that is one bot's.`,
    {
      why: 'Every other bot of this host would be handed the service of the bot that asked first.',
      fix: `Bind ${serviceName(holder)} in createBot({ overrides }), or transient in the host.`,
    },
  );

function ancestorsOf(constraints: BindingConstraints): ServiceIdentifier[] {
  const found: ServiceIdentifier[] = [];
  for (let at = constraints.getAncestor(); at !== undefined; at = at.getAncestor()) found.push(at.serviceIdentifier);
  return found;
}
