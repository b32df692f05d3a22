/** As a shell takes it, with the configuration that was named, so that the next command is about the same bot. */
export const whereOf = (
  directory: string,
  { file, profile }: { readonly file?: string | undefined; readonly profile?: string | undefined } = {},
): string =>
  [
    `--state ${quoted(directory)}`,
    ...(file === undefined ? [] : [`--config ${quoted(file)}`]),
    ...(profile === undefined ? [] : [`--profile ${quoted(profile)}`]),
  ].join(' ');

const quoted = (path: string): string => (/^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);
