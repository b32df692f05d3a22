/** A file of market data, open to be read by ranges: such files are larger than what should be in memory at once. */
export interface DataFile {
  readonly path: string;
  /** Its path from the root, where that is known: the names of folders tell what is inside. */
  readonly location?: string;
  readonly size: number;
  /** Fills `into` from a position on; returns how many bytes there were. Shared memory may be read into. */
  read(into: Uint8Array, position: number): number;
  /** As `read`, while the caller does something else: several at once keep several cores and the disk busy. */
  readLater(into: Uint8Array, position: number): Promise<number>;
  close(): void;
}

/** The file system as importers and the catalog of market data use it. */
export interface DataFiles {
  /** Undefined when there is no such file. Throws DATA-002 when there is one that cannot be read. */
  open(path: string): DataFile | undefined;
  /** Writes beside the target, syncs, renames: readers see the old or the new content. Throws STORE-004. */
  writeAtomic(path: string, parts: readonly Uint8Array[]): void;
  /** Names in a directory, sorted; none for a directory that does not exist. */
  list(directory: string): readonly string[];
  isDirectory(path: string): boolean;
  ensureDirectory(path: string): void;
  /** Nothing happens when there is no such file. */
  remove(path: string): void;
  join(...parts: string[]): string;
}

/** The whole content of a file. */
function readWhole(file: DataFile): Uint8Array {
  const bytes = new Uint8Array(file.size);
  return bytes.subarray(0, file.read(bytes, 0));
}

/** The whole of a small text file; undefined when there is none. */
export function readText(files: DataFiles, path: string): string | undefined {
  const file = files.open(path);
  if (file === undefined) return undefined;
  try {
    return new TextDecoder().decode(readWhole(file));
  } finally {
    file.close();
  }
}
