import { createHash } from 'node:crypto';
import { fault } from '../../../../domain/errors.js';
import type { BuildIdentity } from '../../../../ports/configuration/build-identity.js';
import type { Files } from '../../../../ports/configuration/files.js';
import type { Logger } from '../../../../ports/configuration/logger.js';
import type { ConfigController } from '../../../../ports/configuration/settings/config-controller.js';
import type { Operator } from '../../../../ports/core-services/operator-control.js';
import type { EventStore, Payload, StoredEvent } from '../../../../ports/storage/event-store.js';
import { FOLDS } from '../../../../ports/storage/journal-folds.js';
import type { Suspension, SuspensionCheck } from '../../../../ports/strategy/strategy-host.js';

const SUSPENDED = 'strategy_suspended';
const RESUMED = 'strategy_resumed';
const CHECKS: readonly SuspensionCheck[] = ['faults', 'storm', 'order_rate'];

export interface SuspensionsParts {
  readonly events: EventStore;
  readonly config: Pick<ConfigController, 'current'>;
  readonly build: BuildIdentity;
  readonly files: Pick<Files, 'readText'>;
  readonly logger: Logger;
}

/**
 * Which strategies have been stopped. In the journal, so that a restart, which may be nobody's doing, changes nothing;
 * a start of another program, or of another file of the strategy, lets them go on.
 */
export class Suspensions {
  /** By instance; undefined until the journal has been read. */
  private standing: Map<string, Suspension> | undefined;
  /** As of the start: who mends the file of a strategy meanwhile has not started it. */
  private build: string | undefined;

  constructor(private readonly parts: SuspensionsParts) {}

  all(): readonly Suspension[] {
    return [...this.known().values()];
  }

  has(instance: string): boolean {
    return this.known().has(instance);
  }

  add(suspension: Suspension): void {
    this.known().set(suspension.instance, suspension);
    const { events, logger } = this.parts;
    if (events.discards === true) return;
    const { instance, strategy, symbol, check, reason, at } = suspension;
    const payload = { instance, strategy, symbol, check, reason, since: at, build: this.ownBuild };
    events.appendDurable(SUSPENDED, payload).catch((error: unknown) =>
      // What holds in memory holds; the journal that failed is the bot's own trouble.
      logger.error('A suspension is not on disk', { instance, error }),
    );
  }

  /**
   * Lets one go on, once the record of it is on disk: named by its instance, or by its strategy where that names one.
   * Throws CTRL-002 where it names none.
   */
  async resume(id: string, { actor, reason }: Operator, more: Payload): Promise<Suspension> {
    const suspension = this.named(id);
    const { instance } = suspension;
    await this.parts.events.appendDurable(RESUMED, { instance, actor, reason, ...more });
    this.known().delete(instance);
    return suspension;
  }

  private named(id: string): Suspension {
    const found = this.all().filter(({ instance, strategy }) => instance === id || strategy === id);
    const [one] = found;
    if (one !== undefined && found.length === 1) return one;
    const names = this.all().map(({ instance }) => instance);
    const are = names.length === 0 ? 'no strategy is suspended' : `suspended are ${names.join(', ')}`;
    throw fault('CTRL-002', `strategy resume must name one suspended strategy, was "${id}": ${are}.`, {
      fix: 'perpsbot status names those that are suspended.',
    });
  }

  private known(): Map<string, Suspension> {
    return (this.standing ??= this.fold());
  }

  private fold(): Map<string, Suspension> {
    const standing = new Map<string, Suspension>();
    this.build ??= this.buildOf();
    const { events, config } = this.parts;
    // What is let go is written while it is read.
    for (const event of [...events.fold(FOLDS.suspensions)]) {
      if (event.botId !== config.current.botId) continue;
      const suspension = read(event);
      if (suspension === undefined) continue;
      if (event.type === RESUMED) standing.delete(suspension.instance);
      else if (this.isOfThisBuild(event)) standing.set(suspension.instance, suspension);
      else this.letGo(suspension);
    }
    return standing;
  }

  private isOfThisBuild({ payload }: StoredEvent): boolean {
    return payload['build'] === this.ownBuild;
  }

  private letGo({ instance }: Suspension): void {
    const { events, logger } = this.parts;
    const reason = 'the program or the file of the strategy is another';
    logger.warn('A suspended strategy goes on', { instance, reason });
    events.append(RESUMED, { instance, actor: 'system', reason });
  }

  /** The package's code, and the text of a strategy that is a file of its own. */
  private get ownBuild(): string {
    return (this.build ??= this.buildOf());
  }

  private buildOf(): string {
    const { build, files, config } = this.parts;
    const { file } = config.current.strategy;
    const text = file === undefined ? undefined : files.readText(file);
    return text === undefined ? build.digest : `${build.digest}+${digestOf(text)}`;
  }
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

function read({ payload, at }: StoredEvent): Suspension | undefined {
  const { instance, strategy, symbol, check, reason, since } = payload;
  if (typeof instance !== 'string') return undefined;
  return {
    instance,
    strategy: typeof strategy === 'string' ? strategy : instance,
    symbol: typeof symbol === 'string' ? symbol : '',
    check: CHECKS.find((each) => each === check) ?? 'faults',
    reason: typeof reason === 'string' ? reason : '',
    at: typeof since === 'number' ? since : at,
  };
}
