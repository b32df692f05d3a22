import { fault, PerpsBotError } from '../../src/domain/errors.js';
import type { StorageSettings } from '../../src/ports/configuration/settings/storage-settings.js';
import { RISK_FILE } from '../schema/aliases.js';
import type { PartialConfig } from '../schema/index.js';
import { nearest } from '../schema/suggest.js';
import { isTree, merge, nodeAt, type Tree } from '../schema/tree.js';
import { readLayers, type LayerSet } from './layers.js';
import type { LoadOptions } from './loader.js';
import { Problems } from './problems.js';
import { readSource } from './sources.js';
import { directoryOf } from './state-directory.js';
import { parseFile } from './yaml-file.js';

/** Where a bot keeps what it writes. */
type StatePlace = Pick<StorageSettings, 'driver' | 'directory'>;

/** What the place hangs on. */
const SECTIONS = ['storage', 'profile'];
/** Variables that can say, or were meant to say, where the state is. */
const OF_STATE = /profile|stor(e|age)|state|dir|root/i;

/**
 * Where the bot of this configuration keeps its state, and nothing else: whatever else is wrong or missing in it must
 * not keep a person from his bot. Throws CFG-* when the place itself cannot be told, for another bot would be reached.
 */
export function statePlaceOf(options: LoadOptions): StatePlace {
  const asked = isTree(options.overrides) ? nodeAt(options.overrides, ['storage', 'directory']) : undefined;
  // Who names it needs nothing of what may be broken elsewhere.
  if (typeof asked === 'string') return { driver: 'sqlite', directory: directoryOf(asked, '', options.cwd) };
  const problems = new Problems();
  try {
    const set = readLayers(
      { ...options, overrides: options.overrides as Tree, env: withoutRisk(options) },
      problems,
      [],
    );
    if (set.preset === undefined || isDoubtful(set, problems) || isUnreadable(options)) problems.throwIfAny();
    return placeIn(set, options.cwd);
  } catch (error) {
    throw PerpsBotError.is(error) ? unknownPlace(error) : error;
  }
}

/** The file of the limits says nothing of places. */
const withoutRisk = ({ env }: LoadOptions): LoadOptions['env'] => ({ ...env, [RISK_FILE]: undefined });

function placeIn({ layers }: LayerSet, cwd: string): StatePlace {
  const { storage, profile } = layers.reduce<unknown>((base, { values }) => merge(base, values), {}) as Required<
    Pick<PartialConfig, 'storage' | 'profile'>
  > & { readonly storage: StatePlace };
  const { driver, directory } = storage;
  return driver === 'memory' && directory === undefined
    ? { driver }
    : { driver, directory: directoryOf(directory, profile, cwd) };
}

/** A value of the place was refused, or a name that was meant for it. */
const isDoubtful = ({ layers }: LayerSet, problems: Problems): boolean =>
  layers.some(({ refused }) =>
    [...refused].some((path) => nearest(path.split('.')[0] ?? '', SECTIONS) !== undefined),
  ) || problems.all.some(({ where }) => where?.startsWith('environment variable ') === true && OF_STATE.test(where));

/** A file in which no line can be trusted: it may have named the place. */
function isUnreadable({ file, cwd }: LoadOptions): boolean {
  if (file === undefined) return false;
  const problems = new Problems();
  const { text, name } = readSource(file, cwd);
  const { tree } = parseFile(text, name, 'file', problems);
  return problems.any && Object.keys(tree).length === 0;
}

const unknownPlace = (error: PerpsBotError): PerpsBotError =>
  fault(error.code, `The configuration does not tell where the bot keeps its state. ${error.message}`, {
    cause: error,
    ...(error.where === undefined ? {} : { where: error.where }),
    fix: 'Name the state directory with --state DIR: nothing else of the configuration is needed then.',
  });
