// House rules that no compiler knows: `npm run house`.
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';

const problems = [];
const tracked = execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' }).split('\0').filter(Boolean);
const text = (path) => readFileSync(path, 'utf8');

// The card's eight names, and beside them only what tools demand there.
const TOP = new Set([
  'package.json',
  'tsconfig.json',
  'src',
  'tests',
  'di',
  'config',
  'docs',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'Dockerfile',
  '.dockerignore',
  'package-lock.json',
  'eslint.config.js',
  '.gitignore',
  '.git-blame-ignore-revs',
  '.ci',
]);
for (const name of new Set(tracked.map((path) => path.split('/')[0])))
  if (!TOP.has(name)) problems.push(`top level: ${name} has no business there`);

const lock = JSON.parse(text('package-lock.json'));
for (const [path, entry] of Object.entries(lock.packages))
  if (entry.resolved !== undefined) problems.push(`package-lock.json: ${path} names a host`);
const manifest = JSON.parse(text('package.json'));
if (Object.keys(manifest.dependencies).length > 25)
  problems.push(`package.json: ${Object.keys(manifest.dependencies).length} direct dependencies, at most 25`);
for (const script of ['preinstall', 'install', 'postinstall'])
  if (manifest.scripts[script] !== undefined) problems.push(`package.json: ${script} must not exist`);

for (const path of tracked) {
  if (statSync(path).size > 400_000 && path !== 'package-lock.json')
    problems.push(`${path}: too large to belong to the sources`);
  if (!/\.(ts|mjs|js|md|ya?ml|json)$/.test(path) || path === 'package-lock.json' || path === 'tests/house.mjs')
    continue;
  const content = text(path);
  if (/\/work\/|registry\.npmjs|localhost:4873/.test(content))
    problems.push(`${path}: names a place of the machine it was written on`);
  if (/\bissue #?\d+|\bclaude\b|\banthropic\b|\bllm\b/i.test(content))
    problems.push(`${path}: speaks of how it was made`);
  if (content.includes('\r')) problems.push(`${path}: carriage returns`);
}

for (const command of ['npm ci && npm start', 'npm ci && npm test'])
  if (!text('README.md').includes(command)) problems.push(`README.md: must show ${command}`);
for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? 'house rules: kept' : `house rules: ${problems.length} broken`);
process.exit(problems.length === 0 ? 0 : 1);
