/** A directory as a shell takes it, so that the next command is about the same bot. */
export const whereOf = (directory: string): string =>
  `--state ${/^[\w./@:+-]+$/.test(directory) ? directory : `'${directory.replaceAll("'", "'\\''")}'`}`;
