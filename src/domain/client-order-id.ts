const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const PREFIX = 'PB';

/**
 * Client order id of one attempt at one intent: `PB<bot>-<intent>-<attempt>`, at most 24 characters of `[0-9A-Z-]`,
 * short enough for every venue of spec/venues. Deterministic, so that a crash cannot invent a second id for one intent.
 */
export function clientOrderId(botId: string, intentSeq: number, attempt: number): string {
  return numberedOrderId(clientIdPrefix(botId), intentSeq, attempt);
}

/** What all ids of one bot begin with. */
export const clientIdPrefix = (botId: string): string => `${PREFIX}${botTag(botId)}-`;

/** As `clientOrderId`, for whoever keeps the prefix of its bot. */
export const numberedOrderId = (prefix: string, intentSeq: number, attempt: number): string =>
  `${prefix}${base32(intentSeq)}-${attempt}`;

/** True for ids this bot made. Everything else on the account is somebody else's: counted, shown, untouched. */
export const isOurs = (clientId: string | undefined, botId: string): boolean =>
  clientId !== undefined && clientId.startsWith(clientIdPrefix(botId));

/** True for ids of any bot of this kind, this one or another. */
export const isOfSomeBot = (clientId: string | undefined): boolean =>
  clientId !== undefined && /^PB[0-9A-Z]{6}-/.test(clientId);

/**
 * Client id of an order that a person's command sends past the bot: of a space of its own, which no intent of the bot
 * ever has. `stamp` names the command, `nth` counts its orders.
 */
export const directOrderId = (botId: string, stamp: number, nth: number): string =>
  `${clientIdPrefix(botId)}D-${base32(stamp)}-${nth}`;

/** Whether a command sent it past a bot. */
export const isDirectOrderId = (clientId: string): boolean => /^PB[0-9A-Z]{6}-D-[0-9A-Z]{1,10}-\d{1,3}$/.test(clientId);

/** The intent number inside one of our ids; undefined for other text. */
export function intentSeqOf(clientId: string): number | undefined {
  const part = /^PB[0-9A-Z]{6}-([0-9A-Z]{1,10})-\d{1,3}$/.exec(clientId)?.[1];
  if (part === undefined) return undefined;
  let value = 0;
  for (const digit of part) value = value * 32 + ALPHABET.indexOf(digit);
  return value;
}

/** Six characters that tell bots on one account apart (FNV-1a over the id). */
function botTag(botId: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < botId.length; i += 1) hash = Math.imul(hash ^ botId.charCodeAt(i), 0x01000193) >>> 0;
  return base32(hash).slice(-6).padStart(6, '0');
}

function base32(value: number): string {
  if (value === 0) return '0';
  let text = '';
  for (let rest = value; rest > 0; rest = Math.floor(rest / 32)) text = ALPHABET.charAt(rest % 32) + text;
  return text;
}
