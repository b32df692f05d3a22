export function cut(source: string, name: string): string | undefined;
export function render(
  page: string,
  read: (file: string) => string | undefined,
): { readonly text: string; readonly problems: readonly string[] };
export function pages(): readonly string[];
export function readTested(file: string): string | undefined;
