import pico from 'picocolors';
import type { CliIo, OutputStream } from '../host.js';

export type Palette = ReturnType<typeof pico.createColors>;

/** Lines may be redrawn where a person looks at a terminal that can: neither `TERM=dumb` nor CI. */
export const redraws = (stream: OutputStream, env: CliIo['env']): boolean =>
  stream.isTTY === true && env['TERM'] !== 'dumb' && (env['CI'] ?? '') === '';

/** Colours where a person looks and wants them: a terminal, and neither NO_COLOR, `TERM=dumb`, CI nor `--no-color`. */
export function paletteFor(stream: OutputStream, env: CliIo['env'], wanted: boolean): Palette {
  const refused = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb' || (env['CI'] ?? '') !== '';
  return pico.createColors(wanted && stream.isTTY === true && !refused);
}
