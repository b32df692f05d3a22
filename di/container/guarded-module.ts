import {
  ContainerModule,
  type BindToFluentSyntax,
  type ContainerModuleLoadOptions,
  type ServiceIdentifier,
} from 'inversify';

type Changes = Pick<ContainerModuleLoadOptions, 'rebind' | 'rebindAsync' | 'unbind' | 'unbindAsync'>;

export interface ModuleKeeper extends Changes {
  /** Throws once the container is sealed; then the binding is watched like any other. */
  bound<T>(module: ContainerModule, id: ServiceIdentifier<T>, bind: () => BindToFluentSyntax<T>): BindToFluentSyntax<T>;
  /** Throws when the container is sealed or binds no such service. */
  assertBound(id: ServiceIdentifier, done: string): void;
}

/**
 * The module, loaded with options that its author may keep for later: each of them goes through the container's seal.
 */
export const guardedModule = (module: ContainerModule, keeper: ModuleKeeper): ContainerModule =>
  new ContainerModule((options) =>
    module.load({
      bind: (id) => keeper.bound(module, id, () => options.bind(id)),
      isBound: options.isBound,
      onActivation: (id, activation) => {
        keeper.assertBound(id, 'given an activation');
        options.onActivation(id, activation);
      },
      onDeactivation: (id, deactivation) => {
        keeper.assertBound(id, 'given a deactivation');
        options.onDeactivation(id, deactivation);
      },
      rebind: (id) => keeper.rebind(id),
      rebindAsync: (id) => keeper.rebindAsync(id),
      unbind: (id) => keeper.unbind(id),
      unbindAsync: (id) => keeper.unbindAsync(id),
    }),
  );
