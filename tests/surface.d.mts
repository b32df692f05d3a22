export const SURFACE: string;
export function surface(): Readonly<Record<'.' | './testing', Readonly<Record<string, string>>>>;
export function textOf(names: ReturnType<typeof surface>): string;
