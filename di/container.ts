import { Container, type BindToFluentSyntax, type ContainerModule, type ServiceIdentifier } from 'inversify';
import { fault } from '../src/domain/errors.js';

const nameOf = (id: ServiceIdentifier): string =>
  typeof id === 'symbol'
    ? (id.description ?? 'unnamed').replace('perps-bot/', '')
    : typeof id === 'string'
      ? id
      : id.name;

/**
 * A container that can be changed until something has been taken from it. After that a rebinding would leave consumers
 * with the old instance, silently; so it is refused (DI-007). Rebinding what nobody bound is refused too (DI-001).
 */
export class BotContainer extends Container {
  private isSealed = false;

  get sealed(): boolean {
    return this.isSealed;
  }

  seal(): void {
    this.isSealed = true;
  }

  override bind<T>(id: ServiceIdentifier<T>): BindToFluentSyntax<T> {
    this.assertOpen(nameOf(id));
    return super.bind(id);
  }

  override rebind<T>(id: ServiceIdentifier<T>): BindToFluentSyntax<T> {
    this.assertRebindable(id);
    return super.rebind(id);
  }

  override async rebindAsync<T>(id: ServiceIdentifier<T>): Promise<BindToFluentSyntax<T>> {
    this.assertRebindable(id);
    return super.rebindAsync(id);
  }

  override unbind(id: Parameters<Container['unbind']>[0]): void {
    this.assertOpen(typeof id === 'object' ? 'A binding' : nameOf(id));
    super.unbind(id);
  }

  override load(...modules: ContainerModule[]): void {
    this.assertOpen('A module');
    super.load(...modules);
  }

  override async loadAsync(...modules: ContainerModule[]): Promise<void> {
    this.assertOpen('A module');
    await super.loadAsync(...modules);
  }

  override get<T>(id: ServiceIdentifier<T>, ...rest: never[]): T {
    this.isSealed = true;
    return super.get<T>(id, ...rest);
  }

  override getAll<T>(id: ServiceIdentifier<T>, ...rest: never[]): T[] {
    this.isSealed = true;
    return super.getAll<T>(id, ...rest);
  }

  override getAsync<T>(id: ServiceIdentifier<T>, ...rest: never[]): Promise<T> {
    this.isSealed = true;
    return super.getAsync<T>(id, ...rest);
  }

  override getAllAsync<T>(id: ServiceIdentifier<T>, ...rest: never[]): Promise<T[]> {
    this.isSealed = true;
    return super.getAllAsync<T>(id, ...rest);
  }

  private assertRebindable(id: ServiceIdentifier): void {
    this.assertOpen(nameOf(id));
    if (!this.isCurrentBound(id)) {
      throw fault('DI-001', `${nameOf(id)} must be bound before it is rebound.`, {
        fix: 'Check the token; see TOKENS for what can be rebound.',
      });
    }
  }

  private assertOpen(what: string): void {
    if (this.isSealed) {
      throw fault('DI-007', `${what} must be bound, rebound or unbound before the container's first use.`, {
        why: 'Services that were already built would keep the old instance.',
        fix: 'Pass it in createBot({ overrides }), or rebind right after compose().',
      });
    }
  }
}
