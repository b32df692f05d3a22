import zlib from 'node:zlib';

/** By way of the whole module: an import by name ends the load of an older Node before PKG-002 can be said. */
export const { crc32 } = zlib;
