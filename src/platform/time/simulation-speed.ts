import { fault } from '../../domain/errors.js';
import type { ConfigController } from '../../ports/configuration/settings/config-controller.js';

/** World milliseconds per host millisecond; throws `TIME-001` for a world that does not follow the host's time. */
export function simulationSpeed(config: ConfigController): number {
  const { speed } = config.current.simulation;
  if (speed === 'max' || !(speed > 0 && Number.isFinite(speed))) {
    throw fault('TIME-001', `Speed of a scaled world must be a positive number, was ${speed}.`, {
      fix: 'At speed max bind the virtual clock and scheduler instead.',
    });
  }
  return speed;
}
