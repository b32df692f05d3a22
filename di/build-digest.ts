import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

let known: string | undefined;

/** Identity of the running program: its version and a hash of its own code, read once. */
export function buildDigest(version: string): string {
  known ??= digestOf(fileURLToPath(new URL('..', import.meta.url)));
  return `${version}+${known}`;
}

function digestOf(root: string): string {
  const hash = createHash('sha256');
  const names = ['config', 'di', 'src'].flatMap((folder) =>
    readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' }).map(
      (name) => `${folder}/${name.replaceAll('\\', '/')}`,
    ),
  );
  for (const name of names.filter((each) => each.endsWith('.js')).sort())
    hash.update(`${name}\n`).update(readFileSync(`${root}/${name}`));
  return hash.digest('hex').slice(0, 16);
}
