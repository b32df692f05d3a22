import { z } from 'zod';
import { DEFAULTS } from './defaults.js';
import { configSchema } from './index.js';
import { nodeOf } from './introspect.js';
import { limitOf, limitSentences, placesOf } from './limit-meta.js';
import { isTree } from './tree.js';

type JsonSchema = { [key: string]: unknown; properties?: Record<string, JsonSchema> };

/** JSON Schema (draft 7) of configuration files, for editors: `# yaml-language-server: $schema=…`. */
export function configJsonSchema(config: z.ZodType = configSchema): Record<string, unknown> {
  const schema = z.toJSONSchema(config, { target: 'draft-7', io: 'input' }) as JsonSchema;
  addDefaults(schema, DEFAULTS);
  addLimits(schema, config);
  return { ...schema, title: 'PerpsBot configuration' };
}

function addDefaults(schema: JsonSchema, defaults: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(defaults)) {
    const property = schema.properties?.[key];
    if (property === undefined) continue;
    if (isTree(value) && property.properties !== undefined) addDefaults(property, value);
    else property['default'] = value;
  }
}

/** What a field is as a limit, for people in its description and for programs beside it. */
function addLimits(schema: JsonSchema, config: z.ZodType): void {
  for (const { key, schema: inner } of placesOf(config)) {
    const meta = limitOf(inner);
    const property = schema.properties?.[key];
    if (property === undefined) continue;
    if (property.properties !== undefined) addLimits(property, inner);
    if (meta === undefined || nodeOf(inner).kind === 'section') continue;
    const about = typeof property['description'] === 'string' ? [property['description']] : [];
    property['description'] = [...about, ...limitSentences(meta)].join(' ');
    property['x-tighter'] = meta.tighter;
    if (meta.required !== undefined) property['x-required-live'] = meta.required;
  }
}
