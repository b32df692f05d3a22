import { ShutControlDoor } from '../../src/operator/control/shut-control-door.js';
import { SocketControlDoor } from '../../src/operator/control/socket-control-door.js';
import { ControlDoor } from '../../src/ports/core-services/control-door.js';
import type { Binder } from '../phase.js';

/** A world that lasts, and may hold an order while a person wants it to end. */
export function bindDoor({ bind }: Binder): void {
  bind(ControlDoor).to(SocketControlDoor).inSingletonScope();
}

/** A world that is over before anybody has asked. */
export function bindNoDoor({ bind }: Binder): void {
  bind(ControlDoor).to(ShutControlDoor).inSingletonScope();
}
