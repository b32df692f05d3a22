import { injectable } from 'inversify';
import type { Json } from '../ports/storage/event-store.js';
import { REDACTED, type Redactor } from '../ports/configuration/redactor.js';
import { plainJson } from './plain-json.js';

/** A shorter value would blot out half of every line and protect nothing. */
const SHORTEST_SECRET = 4;
/** A line of a multi-line secret that identifies it on its own, and what stands in no record by chance. */
const SHORTEST_SECRET_LINE = 16;

const SECRET_KEY =
  /secret|passw|passphrase|passcode|apikey|privatekey|accesskey|signingkey|authorization|cookie|credential|mnemonic|signature|jwt|bearer|token(?!s|count|bucket)/;

/** What looks like a credential although nobody registered it. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, REDACTED],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, REDACTED],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${REDACTED}`],
  [/(\/\/[^\s/:@]*:)[^\s/@]+@/g, `$1${REDACTED}@`],
  [/((?:api[-_]?key|signature|secret|token|passphrase|password|listenKey)=)[^&\s"']+/gi, `$1${REDACTED}`],
];

/**
 * Redacts registered values (in plain, URL-encoded, JSON-escaped and Base64 form), secret-looking keys and known
 * patterns.
 */
@injectable()
export class SecretRedactor implements Redactor {
  private secrets: string[] = [];
  private long: string[] = [];
  private short: RegExp[] = [];

  register(secret: string): void {
    const forms = new Set(this.secrets);
    for (const form of formsOf(secret)) if (form.length >= SHORTEST_SECRET) forms.add(form);
    // Longest first, so that a secret that contains another is replaced whole.
    this.secrets = [...forms].sort((a, b) => b.length - a.length);
    this.long = this.secrets.filter((form) => form.length >= SHORTEST_SECRET_LINE);
    // One that is as short as a word is one only where it stands alone: as part of words it would eat them.
    this.short = this.secrets.filter((form) => form.length < SHORTEST_SECRET_LINE).map(wholeToken);
  }

  text(value: string): string {
    let clean = value;
    for (const secret of this.long) if (clean.includes(secret)) clean = clean.replaceAll(secret, REDACTED);
    for (const secret of this.short) clean = clean.replace(secret, REDACTED);
    for (const [pattern, replacement] of PATTERNS) clean = clean.replace(pattern, replacement);
    return clean;
  }

  record(body: string): string {
    if (!this.long.some((secret) => body.includes(secret))) return body;
    const clean = (text: string): string => this.long.reduce((left, secret) => left.replaceAll(secret, REDACTED), text);
    // Value by value: what is replaced in the text of a record might be a part of its form.
    return JSON.stringify(JSON.parse(body, (_, value: unknown) => (typeof value === 'string' ? clean(value) : value)));
  }

  plain(value: unknown): Json {
    return plainJson(value, {
      text: (text) => this.text(text),
      isSecretKey: (key) => SECRET_KEY.test(key.toLowerCase().replace(/[-_.\s]/g, '')),
    });
  }
}

const wholeToken = (form: string): RegExp =>
  new RegExp(`(?<![A-Za-z0-9])${form.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')}(?![A-Za-z0-9])`, 'g');

function formsOf(secret: string): string[] {
  const trimmed = secret.trim();
  const lines = trimmed
    .split(/\r?\n|\\n/)
    .filter((line) => line.length >= SHORTEST_SECRET_LINE && !line.startsWith('-----'));
  const base64 = Buffer.from(secret, 'utf8').toString('base64');
  return [
    trimmed,
    encodeURIComponent(wellFormed(trimmed)),
    JSON.stringify(trimmed).slice(1, -1),
    base64,
    base64.replace(/=+$/, ''),
    ...(trimmed.includes('\n') || trimmed.includes('\\n') ? lines : []),
  ];
}

/** Half of a surrogate pair has no UTF-8 form, and `encodeURIComponent` throws for it. */
const wellFormed = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');
