import { injectable } from 'inversify';
import { inject } from '../../../injection/inject.js';
import type { SessionGuard } from '../../../ports/configuration/session-guard.js';
import { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import type { SessionSettings } from '../../../ports/configuration/settings/session-settings.js';
import { DAY_MS, MINUTE_MS } from '../../../domain/time-spans.js';

/** 1 January 1970, day 0, was a Thursday. */
const DAYS = ['thursday', 'friday', 'saturday', 'sunday', 'monday', 'tuesday', 'wednesday'] as const;

/**
 * The configured session, in UTC and to the millisecond. Both ends are inclusive. A window whose start is after its
 * end runs overnight and belongs to the day it opened on. Without a start or an end the session lasts all day; without
 * days it is held every day. An instant that is not a number is outside every session.
 */
@injectable()
export class UtcSessionGuard implements SessionGuard {
  constructor(@inject(ConfigController) private readonly config: ConfigController) {}

  shouldTrade(now: number): boolean {
    const { session } = this.config.current;
    const { startMinute, endMinute, days } = session;
    if (startMinute === undefined && days === undefined) return Number.isFinite(now);
    const day = Math.floor(now / DAY_MS);
    const time = now - day * DAY_MS;
    if (startMinute === undefined || endMinute === undefined) return isHeldOn(day, session);
    const opened = time >= startMinute * MINUTE_MS;
    const notOver = time <= endMinute * MINUTE_MS;
    if (startMinute <= endMinute) return opened && notOver && isHeldOn(day, session);
    return (opened && isHeldOn(day, session)) || (notOver && isHeldOn(day - 1, session));
  }
}

function isHeldOn(day: number, session: SessionSettings): boolean {
  if (!Number.isFinite(day)) return false;
  return session.days === undefined || session.days.includes(DAYS[((day % 7) + 7) % 7] as string);
}
