import { token } from '../../injection/token.js';

/** The only way to the file system outside storage adapters and configuration loading. */
export interface Files {
  /** Writes beside the target, then renames: readers see the old or the new content, never half of it. */
  writeAtomic(path: string, content: string): void;
  readText(path: string): string | undefined;
  ensureDirectory(path: string): void;
  join(...parts: string[]): string;
}
export const Files = token<Files>('Files');
