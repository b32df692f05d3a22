// `npm run surface` renews tests/surface.json: the names that the package exports, read by the compiler.
// A name that comes or goes is a change that hosts see: CHANGELOG.md says what they must do.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const SURFACE = 'tests/surface.json';
const ENTRIES = { '.': 'di/index.ts', './testing': 'di/testing.ts' };

/** By entry of the package: its names in order, each a value, a type, or both under one name. */
export function surface() {
  const { config } = ts.readConfigFile('tsconfig.json', (file) => readFileSync(file, 'utf8'));
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: undefined }, ts.sys, '.');
  // Whether a name is a value or a type is asked, not what it is made of: the libraries of the language are not read.
  const bare = { ...options, noEmit: true, incremental: false, noLib: true, types: [] };
  const program = ts.createProgram(Object.values(ENTRIES), bare);
  const checker = program.getTypeChecker();
  return Object.fromEntries(
    Object.entries(ENTRIES).map(([entry, file]) => {
      const module = checker.getSymbolAtLocation(program.getSourceFile(file));
      const names = checker.getExportsOfModule(module).map((symbol) => [symbol.name, kindOf(checker, symbol)]);
      return [entry, Object.fromEntries(names.sort(([a], [b]) => (a < b ? -1 : 1)))];
    }),
  );
}

function kindOf(checker, symbol) {
  const { flags } = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  // What is exported as a type alone has no value for whoever imports it.
  const isValue = (flags & ts.SymbolFlags.Value) !== 0 && !checker.getTypeOnlyAliasDeclaration(symbol);
  const isType = (flags & ts.SymbolFlags.Type) !== 0;
  return isValue && isType ? 'value and type' : isValue ? 'value' : 'type';
}

/** The text that stands in the file. */
export const textOf = (names) => `${JSON.stringify(names, null, 2)}\n`;

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(SURFACE, textOf(surface()));
