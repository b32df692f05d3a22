// The transformer of the product's modules and of the tests: what is tested is what the build ships, as
// `config/build.mjs --modules` has written it, each module once for the whole suite. What was changed since then is
// transformed by ts-jest.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const require = createRequire(import.meta.url);

function builtFrom(source, path) {
  try {
    const built = JSON.parse(readFileSync(join(ROOT, '.cache/stripped', `${relative(ROOT, path)}.json`), 'utf8'));
    return built.source === source ? built : undefined;
  } catch {
    return undefined;
  }
}

function createTransformer(options) {
  let tsJest;
  // Loading TypeScript takes half a second: a worker that finds everything built never does.
  const byTsJest = () => (tsJest ??= require('ts-jest').default.createTransformer(options));
  return {
    getCacheKey: (source, path) => createHash('sha1').update(`built\0${path}\0${source}`).digest('hex'),
    process(source, path, how) {
      const built = builtFrom(source, path);
      return built === undefined ? byTsJest().process(source, path, how) : { code: built.code, map: built.map };
    },
  };
}

export default { createTransformer };
