import type { Json } from '../../ports/storage/event-store.js';
import type { TimeRange } from '../../data/catalog/quality.js';
import { configOf, type FilesContext, type Flags, type FlagSpec } from '../command.js';
import { usage } from '../flags.js';

/** What the commands over a catalog share. */
export const CATALOG: FlagSpec = {
  flags: '--catalog <dir>',
  text: 'directory of the catalog; default: catalog in the state directory',
};

/**
 * The catalog's directory: the flag's, else `catalog` in the state directory. Throws CLI-001 where there is neither.
 */
export async function directoryOf(context: FilesContext, flags: Flags): Promise<string> {
  const named = flags.text('catalog');
  if (named === '')
    throw usage('--catalog must name a directory, was empty.', 'Write for example --catalog ./catalog.');
  if (named !== undefined) return named;
  const host = await context.wholeHost();
  const { directory } = host.loadConfig({ ...configOf(context.flags), fallbackProfile: 'demo' }).config.storage;
  if (directory === undefined)
    throw usage(
      '--catalog must name a directory: this profile keeps no state directory.',
      'Write for example --catalog ./catalog, or name one with --state.',
    );
  return host.dataFiles.join(directory, 'catalog');
}

export async function withProgress<T>(
  { host }: FilesContext,
  title: string,
  work: (onProgress: (share: number) => void) => Promise<T>,
): Promise<T> {
  const { Progress } = await import('../text/progress.js');
  const progress = new Progress(host.io.stderr, host.clock, title, 100, '%');
  try {
    return await work((share) => progress.update(Math.min(100, 100 * share)));
  } finally {
    progress.stop();
  }
}

export const iso = (at: number): string => new Date(at).toISOString();
export const rangeJson = ({ from, to, missing }: TimeRange): Json => ({ from: iso(from), to: iso(to), missing });
