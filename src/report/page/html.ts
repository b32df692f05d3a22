/** Text that is safe to stand in a page as it is. */
export class Html {
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

type Part = Html | string | number | null | undefined | false | readonly Part[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? sign);

/**
 * Builds a page from pieces: everything that is not `Html` is escaped; lists are joined; null, undefined and false are
 * nothing.
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let text = strings[0] ?? '';
  for (const [index, part] of parts.entries()) text += render(part) + (strings[index + 1] ?? '');
  return new Html(text);
}

/** Trusted text of this program: markup, style, script. */
export const raw = (text: string): Html => new Html(text);

function render(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'string') return escapeHtml(part);
  if (typeof part === 'number') return String(part);
  return part.map(render).join('');
}

export type Cell = Html | string | number | null;

export interface TableOptions {
  /** Columns whose content stands right. */
  readonly right?: readonly number[];
  /** Said above the table to those who cannot see where it stands. */
  readonly caption?: string;
  readonly id?: string;
}

/** A table with a head; null is a dash. Wide ones scroll inside their own box. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[], options: TableOptions = {}): Html {
  const kind = (column: number): Html | false => (options.right ?? []).includes(column) && raw(' class="n"');
  const id = options.id === undefined ? false : html` id="${options.id}"`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${options.caption ?? head.filter((name) => name !== '').join(', ')}"><table${id}>${options.caption !== undefined && html`<caption>${options.caption}</caption>`}<thead><tr>${head.map((name, column) => html`<th scope="col"${kind(column)}>${name}</th>`)}</tr></thead><tbody>${rows.map((row) => html`<tr>${row.map((cell, column) => html`<td${kind(column)}>${cell ?? '–'}</td>`)}</tr>`)}</tbody></table></div>`;
}

/** Names and values, one under the other. */
export const facts = (rows: readonly (readonly [string, Cell])[], kind: 'columns' | 'wide' = 'columns'): Html =>
  html`<dl class="facts ${kind}">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value ?? 'not known'}</dd></div>`)}</dl>`;

export const note = (text: string | Html): Html => html`<p class="note">${text}</p>`;

export const section = (id: string, title: string, ...parts: readonly Part[]): Html =>
  html`<section id="${id}"><h2>${title}</h2>${parts}</section>`;
