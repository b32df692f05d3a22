import { spawn, type ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Host milliseconds since the last signal sent by `send`. */
  readonly after: number;
}

const { NODE_COMPILE_CACHE, XDG_STATE_HOME = tmpdir() } = process.env;
const COMPILED = NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE };

/** A Node process; what it prints is kept. */
export class Running {
  stdout = '';
  stderr = '';
  private readonly child: ChildProcess;
  private sentAt = 0;
  readonly exited: Promise<Exit>;

  constructor(args: readonly string[]) {
    this.child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...COMPILED, PATH: process.env['PATH'] ?? '', TMPDIR: tmpdir(), XDG_STATE_HOME },
    });
    this.child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.exited = new Promise((done) =>
      this.child.once('close', (code, signal) => done({ code, signal, after: performance.now() - this.sentAt })),
    );
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get isOver(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  send(signal: NodeJS.Signals): this {
    this.sentAt = performance.now();
    this.child.kill(signal);
    return this;
  }

  /** Waits for what the process does; fails with its output when it ends first. */
  async until(what: string, condition: () => boolean): Promise<this> {
    for (;;) {
      const asked = performance.now();
      if (condition()) return this;
      if (this.isOver) throw new Error(`The process ended before ${what}:\n${this.stdout}\n${this.stderr}`);
      // What is dear to ask, as a copy of a journal is, is asked less often: the process shares the processor.
      const pause = Math.max(20, 2 * (performance.now() - asked));
      await new Promise((tick) => setTimeout(tick, pause));
    }
  }

  /** For the end of a test, whatever happened in it. */
  async end(): Promise<void> {
    if (!this.isOver) this.child.kill('SIGKILL');
    await this.exited;
  }
}
