declare module 'lz4js' {
  /** Unpacks one LZ4 frame. */
  export function decompress(bytes: Uint8Array): Uint8Array;
  export function compress(bytes: Uint8Array): Uint8Array;
}
