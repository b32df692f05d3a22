import type { PumpOptions, PumpServices } from '../pump-services.js';

/** Events between two looks at the host's clock, and host milliseconds between two pauses. */
export const EVENTS_A_LOOK = 256;
const PAUSE_EVERY_MS = 50;

/** Lets the process breathe, and tells how far the run is. */
export class Pace {
  private pauseAt: number;

  constructor(
    private readonly services: Pick<PumpServices, 'hostClock' | 'hostScheduler'>,
    private readonly options: Pick<PumpOptions, 'onProgress'>,
  ) {
    this.pauseAt = services.hostClock.monotonic() + PAUSE_EVERY_MS;
  }

  get due(): boolean {
    return this.services.hostClock.monotonic() >= this.pauseAt;
  }

  async pause(done: number): Promise<void> {
    this.options.onProgress?.(done);
    await this.services.hostScheduler.sleep(0);
    this.pauseAt = this.services.hostClock.monotonic() + PAUSE_EVERY_MS;
  }
}
