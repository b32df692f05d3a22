import type { BackgroundTask, Lifecycle, StatusSource } from '../src/ports/market-services/lifecycle.js';

/*
 * Implementations of a port may play further roles. The role follows the port's token, so that whoever is bound in its
 * place takes over the roles too; one that does not play a role is represented by a part that does nothing.
 */

const plays = <Role extends object>(service: object, ...methods: readonly (keyof Role & string)[]): service is Role =>
  methods.every((method) => typeof (service as Readonly<Record<string, unknown>>)[method] === 'function');

export const asPart =
  (name: string) =>
  (service: object): Lifecycle =>
    plays<Lifecycle>(service, 'start', 'stop') ? service : { name, start: () => undefined, stop: () => undefined };

export const asStatus =
  (name: string) =>
  (service: object): StatusSource =>
    plays<StatusSource>(service, 'status') ? service : { name, status: () => ({}) };

export const asTask =
  (name: string) =>
  (service: object): BackgroundTask =>
    plays<BackgroundTask>(service, 'run') ? service : { name, enabled: false, run: () => Promise.resolve() };

/** A task that is one method of a port. */
export const taskOf =
  <Service>(
    name: string,
    run: (service: Service, signal: AbortSignal) => Promise<void>,
    isEnabled: (service: Service) => boolean = () => true,
  ) =>
  (service: Service): BackgroundTask => ({
    name,
    get enabled() {
      return isEnabled(service);
    },
    run: (signal) => run(service, signal),
  });
