import process from 'node:process';
import type * as Zlib from 'node:zlib';

let zlib: typeof Zlib | undefined;

/**
 * Of the whole module and not before it is asked: an import by name ends the load of an older Node before PKG-002 can
 * be said, and a start that writes nothing loads no compression.
 */
export function crc32(data: string | NodeJS.ArrayBufferView, value?: number): number {
  zlib ??= process.getBuiltinModule('node:zlib');
  return zlib.crc32(data, value);
}
