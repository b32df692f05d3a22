type Tables = Readonly<Record<string, () => string>>;
export const TABLES: Tables;
export function filled(page: string, tables?: Tables): string;
export function presets(): string;
