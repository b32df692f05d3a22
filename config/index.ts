/** Configuration: profiles, files, environment and overrides in, one checked `BotConfig` out. */
export {
  createConfigController,
  FileConfigController,
  FixedConfigController,
  type ConfigSources,
} from './load/controller.js';
export { describeConfig, type ConfigLine, type DescribeOptions } from './schema/describe.js';
export { variableFor } from './load/environment-layer.js';
export { configJsonSchema } from './schema/json-schema.js';
export type { Origin } from './load/layer.js';
export { loadConfig, type LoadedConfig, type LoadOptions } from './load/loader.js';
export { withParameters } from './schema/parameters.js';
export { loadObject, resolveConfig, type ResolveOptions } from './load/resolve.js';
export { PROFILES, WORLDS } from './schema/index.js';
export { environment, type Environment, type SourceFile } from './load/sources.js';
