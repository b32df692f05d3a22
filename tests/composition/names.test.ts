import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const sources = ['src', 'di', 'config'].flatMap((root) =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(root, name)),
);
const text = new Map(sources.map((path) => [path, readFileSync(path, 'utf8')]));

/** `RingWindowStore` is `ring-window-store`. */
const dashed = (name: string): string => name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase();

/** Names of types that a file declares and exports; what it only passes on is not among them. */
const typesOf = (content: string): string[] => [
  ...new Set(
    [...content.matchAll(/^export (?:declare )?(?:abstract )?(?:class|interface|type|enum) (\w+)/gm)].map(
      (match) => match[1] as string,
    ),
  ),
];

describe('names', () => {
  it('say what a class is: neither that it implements something, nor how many it holds', () => {
    const wrong = [...text].flatMap(([path, content]) =>
      [...content.matchAll(/\b(?:class|interface|type) (\w+)/g)]
        .map((match) => match[1] as string)
        .filter((name) => /Impl$|^(?:Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten)[A-Z]/.test(name))
        .map((name) => `${path} ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it('mean one thing each: no two files export a type of the same name', () => {
    const owners = new Map<string, string[]>();
    for (const [path, content] of text)
      for (const name of typesOf(content)) owners.set(name, [...(owners.get(name) ?? []), path]);
    expect([...owners].filter(([, paths]) => paths.length > 1)).toEqual([]);
  });

  it('tell the file: what the container makes stands in a file of its name, or beside its own port', () => {
    const wrong = [...text].flatMap(([path, content]) => {
      const classes = [...content.matchAll(/@injectable\(\)\s*export class (\w+)/g)].map((match) => match[1] as string);
      const file = basename(path, '.ts');
      const names = [file, `${basename(dirname(path))}-${file}`];
      return classes.length === 0 || typesOf(content).some((name) => names.includes(dashed(name)))
        ? []
        : [`${path} ${classes.join(', ')}`];
    });
    expect(wrong).toEqual([]);
  });

  it('span time in one place: a day and an hour are written as numbers nowhere else', () => {
    const wrong = [...text]
      .filter(
        ([path, content]) =>
          path !== 'src/domain/time-spans.ts' &&
          /\b(?:86_?400_?000|3_?600_?000)\b|24 \* 60 \* 60|\b(?:MINUTE|HOUR|DAY)(?:_MS)? =(?!=)/.test(content),
      )
      .map(([path]) => path);
    expect(wrong).toEqual([]);
  });
});
