/** Configuration: profiles, files, environment and overrides in, one checked `BotConfig` out. */
export {
  createConfigController,
  FileConfigController,
  FixedConfigController,
  type ConfigSources,
} from './controller.js';
export { describeConfig, type ConfigLine, type DescribeOptions } from './describe.js';
export { variableFor } from './environment-layer.js';
export { configJsonSchema } from './json-schema.js';
export type { Origin } from './layer.js';
export { loadConfig, type LoadedConfig, type LoadOptions } from './loader.js';
export { withParameters } from './parameters.js';
export { loadObject, resolveConfig, type ResolveOptions } from './resolve.js';
export { PROFILES, WORLDS } from './schema/index.js';
export { environment, type Environment, type SourceFile } from './sources.js';
