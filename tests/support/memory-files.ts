import type { Files } from '#src/ports/configuration/files.js';

/** Files in memory; can be told to fail. */
export class MemoryFiles implements Files {
  readonly written = new Map<string, string>();
  failure: Error | undefined;

  writeAtomic(path: string, content: string): void {
    if (this.failure !== undefined) throw this.failure;
    this.written.set(path, content);
  }
  readText(path: string): string | undefined {
    return this.written.get(path);
  }
  ensureDirectory(): void {}
  join(...parts: string[]): string {
    return parts.join('/');
  }
  /** A written file, parsed; null when there is none. */
  json(path: string): Record<string, unknown> {
    return JSON.parse(this.written.get(path) ?? 'null') as Record<string, unknown>;
  }
}
