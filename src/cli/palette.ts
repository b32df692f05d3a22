import pico from 'picocolors';
import type { CliIo, OutputStream } from './host.js';

export type Palette = ReturnType<typeof pico.createColors>;

/** Colours where a person looks and wants them: a terminal, and neither NO_COLOR, `TERM=dumb`, CI nor `--no-color`. */
export function paletteFor(stream: OutputStream, env: CliIo['env'], wanted: boolean): Palette {
  const refused = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb' || (env['CI'] ?? '') !== '';
  return pico.createColors(wanted && stream.isTTY === true && !refused);
}
