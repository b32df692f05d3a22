import { injectable } from 'inversify';
import type { ControlDoor } from '../../ports/core-services/control-door.js';

/** A run over history answers nobody: it is over before anybody has asked, and nobody could lose by its orders. */
@injectable()
export class ShutControlDoor implements ControlDoor {
  readonly name = 'control-door';
  readonly path = undefined;

  start(): void {
    // Nothing to open.
  }

  stop(): void {
    // Nothing was opened.
  }
}
