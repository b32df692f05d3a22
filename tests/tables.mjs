// `npm run --silent snippets` rewrites the tables of docs that the code knows better than a writer does. A table is
// named by a comment on the line above it: <!-- table: name -->. Node reads the build, the tests read the sources.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { BackgroundTask, composeBot, ERRORS, Lifecycle, TOKENS } from '../.cache/modules/di/index.js';
import { parseFile } from '../.cache/modules/config/load/yaml-file.js';
import { writtenPreset } from '../.cache/modules/config/load/read-presets.js';
import { Problems } from '../.cache/modules/config/load/problems.js';
import { pages } from './snippets.mjs';

const NAMED = /^<!-- table: ([\w-]+) -->$/;
const CODE = /^[A-Z]+-\d{3}$/;
const MEMORY = { storage: { driver: 'memory' }, logging: { level: 'error' } };
/** One composition of each world. */
const WORLDS = {
  backtest: { profile: 'demo', world: 'backtest', ...MEMORY },
  paper: { profile: 'demo', storage: { directory: '/nowhere' }, logging: { level: 'error' } },
  live: { profile: 'canary', storage: { directory: '/nowhere' }, logging: { level: 'error' } },
};

const code = (text) => `\`${text}\``;
const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`).join('\n');

const sourceFiles = () =>
  ['src', 'di', 'config'].flatMap((root) =>
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .sort()
      .map((name) => join(root, name)),
  );

const parsed = (path) => ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);

/** What a string expression says, `…` for values of the moment; nothing for what is made elsewhere. */
function wordsOf(node) {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return [node.text];
  if (ts.isTemplateExpression(node))
    return [node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('')];
  if (ts.isConditionalExpression(node)) return [...wordsOf(node.whenTrue), ...wordsOf(node.whenFalse)];
  if (ts.isParenthesizedExpression(node)) return wordsOf(node.expression);
  return [];
}

/** By code: the remedies that stand beside it in one call, as `fix`. */
function remedies() {
  const found = new Map();
  for (const path of sourceFiles()) {
    const visit = (node) => {
      if (ts.isCallExpression(node)) {
        const named = node.arguments.find((each) => ts.isStringLiteral(each) && CODE.test(each.text));
        const details = node.arguments.find((each) => ts.isObjectLiteralExpression(each));
        const fix = details?.properties.find((each) => ts.isPropertyAssignment(each) && each.name.getText() === 'fix');
        if (named !== undefined && fix !== undefined) {
          const all = found.get(named.text) ?? new Set();
          for (const words of wordsOf(fix.initializer)) all.add(words);
          found.set(named.text, all);
        }
      }
      ts.forEachChild(node, visit);
    };
    visit(parsed(path));
  }
  return found;
}

const CALLER = {
  rejected: 'refused: again is refused again',
  transient: 'nothing happened: may work later',
  'unknown-outcome': 'may have happened: look it up',
  misconfigured: 'a person must change something',
  defect: 'a defect: report it',
};

function errorTable() {
  const fixes = remedies();
  return table(
    ['code', 'meaning', 'for the caller', 'exit', 'remedies it comes with'],
    Object.entries(ERRORS).map(([name, { title, consequence, exit }]) => [
      code(name),
      title,
      CALLER[consequence],
      String(exit),
      [...(fixes.get(name) ?? [])].join('<br>') || '—',
    ]),
  );
}

const composed = () => Object.entries(WORLDS).map(([world, config]) => [world, composeBot({ config })]);

function tokenTable() {
  const files = new Map();
  for (const path of sourceFiles())
    for (const [, name] of readFileSync(path, 'utf8').matchAll(/^export class (\w+)/gm)) files.set(name, path);
  const shown = (implementation) => {
    if (implementation.startsWith('alias of ')) return `follows ${code(implementation.slice('alias of '.length))}`;
    const path = files.get(implementation);
    if (path !== undefined) return `[${implementation}](${relative('docs', path)})`;
    return implementation === 'ConstantValue' ? 'given' : 'made by a function';
  };
  const rows = new Map();
  for (const [world, composition] of composed())
    for (const { token, phase, implementation } of composition.graph().nodes) {
      if (token in TOKENS.contributions || token === 'StrategyDefinition') continue;
      const row = rows.get(token) ?? { phase, token, worlds: new Map() };
      row.worlds.set(world, shown(implementation));
      rows.set(token, row);
    }
  const bound = ({ worlds }) => {
    const kinds = new Set(worlds.values());
    if (kinds.size === 1 && worlds.size === Object.keys(WORLDS).length) return [...kinds][0];
    const by = [...kinds].map((kind) => [
      kind,
      [...worlds].filter(([, each]) => each === kind).map(([world]) => world),
    ]);
    return by.map(([kind, names]) => `${names.join(' and ')}: ${kind}`).join('; ');
  };
  const phases = [...new Set([...rows.values()].map(({ phase }) => phase))];
  return table(
    ['phase', 'token', 'bound to'],
    phases.flatMap((phase) =>
      [...rows.values()]
        .filter((row) => row.phase === phase)
        .sort((a, b) => (a.token < b.token ? -1 : 1))
        .map((row) => [phase, code(row.token), bound(row)]),
    ),
  );
}

/** Names in the order of each world, merged: what a world has between two others keeps its place. */
function merged(lists) {
  const order = [];
  for (const [, names] of lists) {
    let at = 0;
    for (const name of names) {
      const known = order.indexOf(name);
      if (known < 0) order.splice(at, 0, name);
      at = (known < 0 ? at : known) + 1;
    }
  }
  return order.map((name) => [name, lists.filter(([, names]) => names.includes(name)).map(([world]) => world)]);
}

const where = (worlds) => (worlds.length === Object.keys(WORLDS).length ? 'every world' : worlds.join(', '));

function partTable() {
  const lists = composed().map(([world, { container }]) => [
    world,
    container.getAll(Lifecycle).map(({ name }) => name),
  ]);
  return table(
    ['starts', 'part', 'in'],
    merged(lists).map(([name, worlds], at) => [String(at + 1), code(name), where(worlds)]),
  );
}

function taskTable() {
  const compositions = composed();
  const lists = compositions.map(([world, { container }]) => [
    world,
    container.getAll(BackgroundTask).map(({ name }) => name),
  ]);
  const tokens = Object.values(TOKENS).flatMap((group) =>
    Object.entries(group).filter(([name]) => name.endsWith('Task')),
  );
  const [, { container }] = compositions[0];
  const tokenOf = (task) =>
    tokens.find(([name, token]) => name !== 'BackgroundTask' && container.get(token).name === task)?.[0];
  return table(
    ['task', 'replaced by rebinding'],
    merged(lists).map(([name]) => [code(name), code(tokenOf(name))]),
  );
}

function capabilityTable() {
  const file = parsed('src/ports/venue/capabilities.ts');
  const rows = [];
  const saying = (member) =>
    (ts.getJSDocCommentsAndTags(member)[0]?.comment ?? '').toString().replaceAll(/\s*\n\s*/g, ' ');
  const visit = (members, prefix) => {
    for (const member of members) {
      const name = `${prefix}${member.name.getText()}`;
      const optional = member.questionToken === undefined ? '' : '?';
      if (ts.isTypeLiteralNode(member.type)) visit(member.type.members, `${name}${optional}.`);
      else rows.push([code(name + optional), code(member.type.getText().replace(/^readonly /, '')), saying(member)]);
    }
  };
  file.forEachChild((node) => {
    if (ts.isInterfaceDeclaration(node) && node.name.text === 'Capabilities') visit(node.members, '');
  });
  return table(['capability', 'values', 'meaning'], rows);
}

const MODULES = '.cache/modules/src/venues';
/** What each venue states of itself, by where its module says so. An adapter that states nothing has no column. */
const STATED = {
  simulated: ['simulated/brokerage/capabilities.js', 'CAPABILITIES'],
  'binance-usdm': ['binance-usdm/capabilities.js', 'USDM_CAPABILITIES'],
};
const venues = [];
for (const [venue, [path, name]] of Object.entries(STATED))
  if (existsSync(join(MODULES, path))) venues.push([venue, (await import(`../${MODULES}/${path}`))[name]]);

function venueTable() {
  const isPlain = (value) => typeof value === 'object' && !Array.isArray(value) && !(value instanceof RegExp);
  const leaves = (value, prefix = '') =>
    Object.entries(value).flatMap(([key, inner]) =>
      isPlain(inner) ? leaves(inner, `${prefix}${key}.`) : [[`${prefix}${key}`, inner]],
    );
  const shown = (value) => {
    if (value === undefined) return '—';
    if (typeof value === 'boolean') return value ? 'yes' : 'no';
    return (
      [value]
        .flat()
        .map((each) => code(String(each)))
        .join(', ') || 'none'
    );
  };
  const columns = venues.map(([, stated]) => new Map(leaves(stated)));
  const fields = merged(columns.map((column, at) => [venues[at][0], [...column.keys()]])).map(([field]) => field);
  return table(
    ['', ...venues.map(([venue]) => venue)],
    fields.map((field) => [code(field), ...columns.map((column) => shown(column.get(field)))]),
  );
}

/** The decisions, by number. */
function decisionTable() {
  const rows = readdirSync('docs/decisions')
    .filter((name) => /^\d{4}-/.test(name))
    .sort()
    .map((name) => {
      const title = /^# (?:\d+\. )?(.+)$/m.exec(readFileSync(join('docs/decisions', name), 'utf8'))?.[1] ?? name;
      return [String(Number(name.slice(0, 4))), `[${title}](${name})`];
    });
  return table(['', 'decision'], rows);
}

export const TABLES = {
  errors: errorTable,
  tokens: tokenTable,
  parts: partTable,
  tasks: taskTable,
  capabilities: capabilityTable,
  venues: venueTable,
  decisions: decisionTable,
};

/** The shipped presets as they are read: what `config/profiles/read-presets.json` must hold. */
export function presets() {
  const read = readdirSync('config/profiles')
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => {
      const text = readFileSync(join('config/profiles', name), 'utf8');
      return JSON.stringify(writtenPreset(text, name, parseFile(text, name, 'profile', new Problems())));
    });
  return `[\n${read.join(',\n')}\n]\n`;
}

/** The page with its tables as they should be. */
export function filled(page, tables = TABLES) {
  const lines = page.split('\n');
  const out = [];
  for (let at = 0; at < lines.length; at += 1) {
    out.push(lines[at]);
    const name = NAMED.exec(lines[at])?.[1];
    if (name === undefined) continue;
    if (!(name in tables))
      throw new Error(`There must be a table ${name}; there are ${Object.keys(tables).join(', ')}.`);
    while (lines[at + 1]?.startsWith('|') === true) at += 1;
    out.push(tables[name]());
  }
  return out.join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const page of pages()) {
    const before = readFileSync(page, 'utf8');
    const after = filled(before);
    if (after !== before) {
      writeFileSync(page, after);
      console.log(basename(page));
    }
  }
  writeFileSync('config/profiles/read-presets.json', presets());
}
