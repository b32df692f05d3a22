import { EXIT } from './exit-codes.js';
import type { CliHost, StopSignal } from './host.js';

export interface SignalWatch {
  readonly received: StopSignal | undefined;
  close(): void;
}

/** What a process ends with that a signal stopped. */
export const exitOf = (signal: StopSignal): number =>
  ({ SIGINT: EXIT.sigint, SIGTERM: EXIT.sigterm, SIGHUP: EXIT.sighup })[signal];

/** The first signal asks for a stop, the second ends the process. */
export function stopOnSignal(host: CliHost, stop: (signal: StopSignal) => void): SignalWatch {
  let received: StopSignal | undefined;
  const close = host.onSignal((signal) => {
    if (received !== undefined) {
      host.exit(exitOf(signal));
      return;
    }
    received = signal;
    host.io.stderr.write(`\nStopping on ${signal}; send it again to end at once.\n`);
    stop(signal);
  });
  return {
    get received() {
      return received;
    },
    close,
  };
}
