import type { LogOutput } from '../../ports/configuration/logger.js';
import { CLEAR } from './status-line.js';

/** Log lines on a terminal with a status line: each takes its place, and the next redrawing puts it below. */
export class AboveStatusLine implements LogOutput {
  constructor(private readonly output: LogOutput) {}

  get dropped(): number {
    return this.output.dropped;
  }

  write(line: string): void {
    this.output.write(`${CLEAR}${line}`);
  }
}
