// What the compiler must refuse of tokens and of the container. Nothing here runs: `npm run typecheck` fails where a
// line that must not compile does.
import { Clock, inject, injectAll, Lifecycle, Logger, token, type BotContainer, type Token } from 'perpsbot';

interface Rate {
  readonly perHour: number;
}
interface NamedRate extends Rate {
  readonly name: string;
}
const Rate = token<Rate>('Rate');
const NamedRate = token<NamedRate>('NamedRate');

class HourlyRate implements Rate {
  readonly perHour = 1;
}
class Nothing {}

export function tokens(): void {
  const same: Token<Rate> = Rate;
  // @ts-expect-error a token of a narrower service is not one of the wider: whoever rebinds it would bind too little
  const wider: Token<Rate> = NamedRate;
  // @ts-expect-error a token of a wider service is not one of the narrower
  const narrower: Token<NamedRate> = Rate;
  // @ts-expect-error a symbol of one's own says nothing of what it resolves to
  const bare: Token<Rate> = Symbol('Rate');
  void [same, wider, narrower, bare];
}

export function gets(container: BotContainer): void {
  const clock: Clock = container.get(Clock);
  // @ts-expect-error what a token resolves to is its own interface and no other
  const logger: Logger = container.get(Clock);
  // @ts-expect-error an optional service may be absent
  const optional: Clock = container.get(Clock, { optional: true });
  const maybe: Clock | undefined = container.get(Clock, { optional: true, name: 'wall', tag: { key: 'of', value: 1 } });
  const all: Lifecycle[] = container.getAll(Lifecycle);
  // @ts-expect-error several are a list
  const one: Lifecycle = container.getAll(Lifecycle);
  // @ts-expect-error a service that has to be waited for is a promise
  const waited: Clock = container.getAsync(Clock);
  void [clock, logger, optional, maybe, all, one, waited];
}

export function binds(container: BotContainer): void {
  container.bind(Rate).to(HourlyRate);
  container.bind(Rate).toConstantValue({ perHour: 2 });
  // @ts-expect-error a class without the members of the service
  container.bind(Rate).to(Nothing);
  // @ts-expect-error a value without the members of the service
  container.bind(Rate).toConstantValue({ hourly: 2 });
  // @ts-expect-error a service of another token
  container.rebind(Clock).to(HourlyRate);
  // @ts-expect-error a value of another type
  container.rebind(NamedRate).toConstantValue({ perHour: 2 });
  // @ts-expect-error a factory of another service
  container.rebind(Clock).toDynamicValue(() => new HourlyRate());
  container.rebind(Rate).toResolvedValue((clock) => ({ perHour: clock.now() }), [Clock]);
}

export class Right {
  constructor(
    @inject(Clock) readonly clock: Clock,
    @inject(Rate) readonly rate: Rate,
    @injectAll(Lifecycle) readonly parts: Lifecycle[],
  ) {}
}

export class Wrong {
  constructor(
    // @ts-expect-error a parameter of another type than the token's
    @inject(Clock) readonly logger: Logger,
    // @ts-expect-error a parameter that asks for more than the token gives
    @inject(Rate) readonly rate: NamedRate,
    // @ts-expect-error a list where one is injected
    @inject(Lifecycle) readonly parts: Lifecycle[],
    // @ts-expect-error one where a list is injected
    @injectAll(Lifecycle) readonly part: Lifecycle,
  ) {}
}
