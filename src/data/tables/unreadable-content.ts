import { fault } from '../../domain/errors.js';

/** First bytes of what people take for a data file, and what to do about it. */
const OTHERS: readonly (readonly [readonly number[], string, string])[] = [
  [[0x1f, 0x8b], 'compressed with gzip', 'Unpack it first: gunzip -k FILE.'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'compressed with zstd', 'Unpack it first: unzstd FILE.'],
  [[0x50, 0x4b, 0x03, 0x04], 'a zip archive or a spreadsheet', 'Unpack it, or export it as CSV.'],
  [[0xff, 0xfe], 'text in UTF-16', 'Save it as UTF-8.'],
  [[0xfe, 0xff], 'text in UTF-16', 'Save it as UTF-8.'],
];

/** Throws DATA-004 for what is neither text nor Parquet, by its first bytes. */
export function refuseOthers(file: string, bytes: Uint8Array): void {
  const [, what, fix] = OTHERS.find(([magic]) => magic.every((code, index) => bytes[index] === code)) ?? [];
  if (what !== undefined && fix !== undefined)
    throw fault('DATA-004', `${file} must be CSV or Parquet, was ${what}.`, { where: file, fix });
}
