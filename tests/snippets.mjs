// `npm run --silent snippets` rewrites the code blocks of README.md and docs from the tested files they are cut from.
// A block is named by a comment on the line above it: <!-- snippet: docs/examples/plain.ts#plain -->
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NAMED = /^<!-- snippet: (\S+?)#(\S+) -->$/;
const FENCE = /^(`{3,})(\w*)/;
const MUST_BE_CUT = new Set(['ts', 'typescript', 'tsx', 'js', 'javascript', 'mjs']);
/** Files there are run by the suite, and by `npm run strangers`. */
const TESTED = /^(docs\/examples\/.+\.ts|tests\/.+\.(ts|mjs))$/;

/** The lines between `// #region name` and its end, without their common indentation; undefined when there is none. */
export function cut(source, name) {
  const lines = source.split('\n');
  const from = lines.findIndex((line) => line.trim() === `// #region ${name}`);
  if (from < 0) return undefined;
  const kept = [];
  let depth = 1;
  for (const line of lines.slice(from + 1)) {
    const mark = line.trim();
    if (mark.startsWith('// #region ')) depth += 1;
    else if (mark === '// #endregion') depth -= 1;
    else kept.push(line);
    if (depth === 0) return dedented(kept);
  }
  return undefined;
}

function dedented(lines) {
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length);
  return lines
    .map((line) => line.slice(Math.min(...indents)))
    .join('\n')
    .trim();
}

/** The page as it should be, and what no rewriting can mend. */
export function render(page, read) {
  const lines = page.split('\n');
  const out = [];
  const problems = [];
  for (let at = 0; at < lines.length; at += 1) {
    const named = NAMED.exec(lines[at]);
    const code = named === null ? undefined : codeOf(named[1], named[2], read, problems);
    const block = blockAt(lines, named === null ? at : at + 1);
    if (named !== null) out.push(lines[at]);
    if (code !== undefined) out.push('```ts', ...code.split('\n'), '```');
    else if (block !== undefined) out.push(...lines.slice(block.from, block.to));
    else if (named === null) out.push(lines[at]);
    if (named === null && block !== undefined && MUST_BE_CUT.has(block.language)) {
      problems.push(
        `line ${at + 1}: a ${block.language} block must be cut from a tested file; name it with <!-- snippet: file#region -->`,
      );
    }
    if (block !== undefined) at = block.to - 1;
  }
  return { text: out.join('\n'), problems };
}

function blockAt(lines, from) {
  const fence = FENCE.exec(lines[from] ?? '');
  if (fence === null) return undefined;
  const end = lines.findIndex((line, at) => at > from && line === fence[1]);
  return { from, to: end < 0 ? lines.length : end + 1, language: fence[2] };
}

function codeOf(file, region, read, problems) {
  const code = TESTED.test(file) ? cut(read(file) ?? '', region) : undefined;
  if (code === undefined) problems.push(`${file}#${region} is no region of a tested file`);
  return code;
}

/** README.md and every page under docs. */
export function pages() {
  const docs = readdirSync('docs', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'));
  return ['README.md', ...docs.sort().map((name) => join('docs', name))];
}

export const readTested = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const page of pages()) {
    const before = readFileSync(page, 'utf8');
    const { text, problems } = render(before, readTested);
    if (text !== before) writeFileSync(page, text);
    for (const problem of problems) process.stderr.write(`${page}: ${problem}\n`);
    if (problems.length > 0) process.exitCode = 1;
  }
}
