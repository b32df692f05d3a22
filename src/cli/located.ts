import { fault, PerpsBotError } from '../domain/errors.js';
import type { ResolvedConfig } from '../runs/config-request.js';

type Origins = ResolvedConfig['origins'];

/**
 * A refusal that begins with the name of a setting, with where that was written: services refuse settings that only
 * they understand, and know no files.
 */
export function located(thrown: unknown, origins: Origins | undefined): unknown {
  if (origins === undefined || !PerpsBotError.is(thrown) || thrown.where !== undefined) return thrown;
  const { code, message, why, fix, cause } = thrown;
  const rest = { ...(why !== undefined && { why }), ...(fix !== undefined && { fix }), cause };
  const [named = ''] = /^[a-z]\w*(?:\.\w+)+/i.exec(message) ?? [];
  const where = named === '' || !code.startsWith('CFG-') ? undefined : whereOf(named, origins);
  return where === undefined ? thrown : fault(code, message, { where, ...rest });
}

/** Of the setting, or of the nearest around it that was written. */
function whereOf(path: string, origins: Origins): string | undefined {
  const found = origins.find((origin) => origin.path === path && origin.where !== undefined);
  if (found !== undefined) return found.where;
  const end = path.lastIndexOf('.');
  return end < 0 ? undefined : whereOf(path.slice(0, end), origins);
}
