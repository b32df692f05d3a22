import { join } from 'node:path';
import ts from 'typescript';

const { options, fileNames } = ts.getParsedCommandLineOfConfigFile(
  'tsconfig.json',
  { noEmit: true, incremental: false },
  { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined },
);
const TRANSPILE = {
  ...options,
  noEmit: false,
  module: ts.ModuleKind.ES2022,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  sourceMap: false,
  declaration: false,
};

/** JavaScript of one file, not type-checked. */
export const transpile = (source, fileName) =>
  ts.transpileModule(source, { compilerOptions: TRANSPILE, fileName }).outputText;

/**
 * A checker of changed files: each is looked at alone, in the unchanged rest of the project. Gives the compiler's
 * complaints.
 */
export function checker() {
  let changed = { path: undefined, source: undefined, version: 0 };
  const service = ts.createLanguageService({
    ...ts.sys,
    useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
    getCurrentDirectory: () => process.cwd(),
    getCompilationSettings: () => options,
    getDefaultLibFileName: (of) => ts.getDefaultLibFilePath(of),
    getScriptFileNames: () => fileNames,
    getScriptVersion: (path) => (path === changed.path ? String(changed.version) : '0'),
    getScriptSnapshot: (path) => {
      const text = path === changed.path ? changed.source : ts.sys.readFile(path);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
  });
  return (file, source) => {
    const path = join(process.cwd(), file);
    changed = { path, source, version: changed.version + 1 };
    const found = [...service.getSyntacticDiagnostics(path), ...service.getSemanticDiagnostics(path)];
    return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
  };
}
