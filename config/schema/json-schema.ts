import { z } from 'zod';
import { DEFAULTS } from './defaults.js';
import { configSchema } from './index.js';
import { isTree } from './tree.js';

type JsonSchema = { [key: string]: unknown; properties?: Record<string, JsonSchema> };

/** JSON Schema (draft 7) of configuration files, for editors: `# yaml-language-server: $schema=…`. */
export function configJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configSchema, { target: 'draft-7', io: 'input' }) as JsonSchema;
  addDefaults(schema, DEFAULTS);
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
