/** Configuration: profiles, files, environment and overrides in, one checked `BotConfig` out. */
export { createConfigController, FixedConfigController } from './load/controller.js';
export { describeConfig } from './schema/describe.js';
export { variableFor } from './load/environment-layer.js';
export { configJsonSchema } from './schema/json-schema.js';
export { loadConfig, type LoadedConfig, type LoadOptions } from './load/loader.js';
export { withParameters } from './schema/parameters.js';
export { statePlaceOf } from './load/state-place.js';
export { loadObject, resolveConfig } from './load/resolve.js';
export { PROFILES } from './schema/index.js';
export { environment } from './load/sources.js';
