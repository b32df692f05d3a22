import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { configJsonSchema } from '#config/index.js';

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
}

/** Keys of the section, leaf by leaf, without their own section's name. */
function leaves(node: Node, path = ''): string[] {
  const { properties } = node;
  if (properties === undefined) return [path];
  return Object.entries(properties).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`));
}

describe('docs/simulation.md', () => {
  const text = readFileSync('docs/simulation.md', 'utf8');
  const simulation = (configJsonSchema() as Node).properties?.['simulation'] ?? {};
  const keys = leaves(simulation);

  it('has switches to state', () => {
    expect(keys.length).toBeGreaterThan(20);
  });

  it.each(keys)('names the switch simulation.%s', (key) => {
    expect(text).toContain(key.split('.').at(-1));
    if (key.includes('.')) expect(text).toMatch(new RegExp(key.replace('.', '\\.')));
  });
});
