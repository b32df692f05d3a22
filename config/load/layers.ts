import type { z } from 'zod';
import { CATALOGUE, START_PRICES } from '../schema/catalogue.js';
import { DEFAULTS } from '../schema/defaults.js';
import { environmentLayer, profileVariable } from './environment-layer.js';
import { RISK_FILE } from '../schema/aliases.js';
import { expand } from './expand.js';
import { builtInLayer, objectLayer, type Layer } from './layer.js';
import { Problems } from './problems.js';
import { readLayer, type ReadLayer } from './read-layer.js';
import { readPreset } from './read-presets.js';
import { configSchema, PROFILES } from '../schema/index.js';
import { profilePath, readSource, type Environment, type SourceFile } from './sources.js';
import { NumberText, UntypedText, type Tree } from '../schema/tree.js';
import { parseFile } from './yaml-file.js';

/** What there is to read. */
export interface LayerInputs {
  readonly file?: string | undefined;
  /** In place of a file: an object in its grammar. */
  readonly object?: Tree | undefined;
  readonly profile?: string | undefined;
  readonly overrides?: Tree | undefined;
  /** Names of strategies in files that are loaded already, by path. */
  readonly strategies?: Readonly<Record<string, string>> | undefined;
  readonly env: Environment;
  readonly cwd: string;
  /** What may be written. Default: the product's own grammar. */
  readonly schema?: z.ZodType | undefined;
}

export interface LayerSet {
  /** From the weakest to the strongest. */
  readonly layers: readonly ReadLayer[];
  readonly preset: ReadLayer | undefined;
  readonly files: readonly SourceFile[];
  /** The one that was named, where one was. */
  readonly file: SourceFile | undefined;
}

const BUILT_IN = {
  ...DEFAULTS,
  instruments: CATALOGUE,
  simulation: { ...DEFAULTS.simulation, startPrices: START_PRICES },
};

const builtIn = new WeakMap<z.ZodType, ReadLayer>();

/** Shipped presets as they were last read, by path: who runs a hundred trials reads them once. */
const presets = new WeakMap<z.ZodType, Map<string, { readonly file: SourceFile; readonly read: ReadLayer }>>();

/** Defaults, profile, file, risk file, environment, overrides: read, not yet merged. */
export function readLayers(inputs: LayerInputs, problems: Problems, warnings: string[]): LayerSet {
  const { schema = configSchema } = inputs;
  const files: SourceFile[] = [];
  const source = (path: string): SourceFile => {
    const file = readSource(path, inputs.cwd);
    files.push(file);
    return file;
  };
  const open = (path: string, under: readonly string[] = []): Layer => {
    const { text, name } = source(path);
    return parseFile(text, name, 'file', problems, under);
  };
  const file = inputs.file === undefined ? undefined : open(inputs.file);
  const object = inputs.object === undefined ? undefined : objectLayer('file', inputs.object, 'typed', problems);
  const overrides = overrideLayer(inputs, schema, problems);
  const profile = profileOf(inputs, overrides, file ?? object);
  const preset = isProfile(profile) ? presetOf(source(profilePath(profile)), problems, schema) : undefined;
  const riskPath = inputs.env[RISK_FILE];
  const risk = riskPath === undefined ? undefined : open(riskPath, ['risk']);
  const environment = environmentLayer(inputs.env, profile, problems, warnings, schema);
  const upper = [file, object, risk, environment, overrides].filter((layer) => layer !== undefined);
  const base = builtIn.get(schema) ?? readLayer(builtInLayer(BUILT_IN), problems, schema);
  builtIn.set(schema, base);
  return {
    layers: [
      base,
      ...(preset === undefined ? [] : [preset]),
      ...upper.map((layer) => readLayer(layer, problems, schema)),
    ],
    preset,
    files,
    file: inputs.file === undefined ? undefined : files[0],
  };
}

function presetOf(file: SourceFile, problems: Problems, schema: z.ZodType): ReadLayer {
  const known = presets.get(schema) ?? new Map<string, { file: SourceFile; read: ReadLayer }>();
  presets.set(schema, known);
  const last = known.get(file.path);
  if (last?.file.text === file.text && last.file.name === file.name) return last.read;
  const before = problems.all.length;
  const layer = readPreset(file) ?? parseFile(file.text, file.name, 'profile', problems);
  const read = readLayer(layer, problems, schema);
  // What is wrong in one is told every time.
  if (problems.all.length === before) known.set(file.path, { file, read });
  return read;
}

/** A flag that was not given says nothing; the profile's own flag is one more override. */
function overrideLayer({ overrides = {}, profile }: LayerInputs, schema: z.ZodType, problems: Problems): Layer {
  const layer = objectLayer(
    'override',
    profile === undefined ? overrides : { ...overrides, profile },
    'untyped',
    problems,
  );
  return { ...layer, tree: expand(schema, layer.tree) as Tree };
}

function profileOf({ env }: LayerInputs, overrides: Layer, file: Layer | undefined): string {
  const chosen = [overrides.tree['profile'], profileVariable(env), file?.tree['profile'], DEFAULTS.profile].find(
    (value) => value !== undefined,
  );
  if (chosen instanceof UntypedText || chosen instanceof NumberText) return chosen.text;
  return typeof chosen === 'string' ? chosen : '';
}

const isProfile = (name: string): boolean => (PROFILES as readonly string[]).includes(name);
