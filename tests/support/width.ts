import ts from 'typescript';

/** Columns of code and of comments. */
const WIDTH = 120;

type Span = readonly [from: number, to: number];

/**
 * The lines of a source file, counted from 1, that are wider than they may be. A line may be wider because of a string,
 * a template or a regular expression, which nobody would find in pieces, and in a table under `// prettier-ignore`.
 */
export function wideLines(path: string, text: string): number[] {
  const lines = text.split('\n');
  if (lines.every((line) => line.length <= WIDTH)) return [];
  const { literals, ignored } = exemptions(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true), text);
  const wide: number[] = [];
  let start = 0;
  for (const [index, line] of lines.entries()) {
    const end = start + line.length;
    const inLiterals = literals.reduce(
      (sum, [from, to]) => sum + Math.max(0, Math.min(to, end) - Math.max(from, start)),
      0,
    );
    if (line.length - inLiterals > WIDTH || (line.length > WIDTH && inLiterals === 0)) {
      if (!ignored.some(([from, to]) => from <= start && end <= to)) wide.push(index + 1);
    }
    start = end + 1;
  }
  return wide;
}

function exemptions(file: ts.SourceFile, text: string): { readonly literals: Span[]; readonly ignored: Span[] } {
  const literals: Span[] = [];
  const ignored: Span[] = [];
  const visit = (node: ts.Node): void => {
    const from = node.getStart(file);
    const isLiteral =
      ts.isStringLiteralLike(node) || ts.isRegularExpressionLiteral(node) || ts.isTemplateExpression(node);
    if (isLiteral) literals.push([from, node.end]);
    const comments = ts.getLeadingCommentRanges(text, node.getFullStart()) ?? [];
    if (comments.some(({ pos, end }) => /prettier-ignore/.test(text.slice(pos, end)))) {
      // The punctuation behind a row belongs to it.
      ignored.push([text.lastIndexOf('\n', from) + 1, text.indexOf('\n', node.end)]);
    }
    if (!isLiteral) ts.forEachChild(node, visit);
  };
  visit(file);
  return { literals, ignored };
}
