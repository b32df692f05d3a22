import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import type { SessionSettings } from '#src/ports/configuration/settings/session-settings.js';
import { UtcSessionGuard } from '#src/services/runtime/state/utc-session-guard.js';
import { FakeConfigController, testConfig } from '../../support/config.js';

const guard = (session: SessionSettings): UtcSessionGuard =>
  new UtcSessionGuard(new FakeConfigController(testConfig({ session })));
/** 2024-01-05 is a Friday. */
const utc = (text: string): number => Date.parse(`${text}Z`);
const open = (session: SessionSettings, text: string): boolean => guard(session).shouldTrade(utc(text));

const OFFICE = { startMinute: 9 * 60, endMinute: 17 * 60 };
const NIGHT = { startMinute: 22 * 60, endMinute: 6 * 60 };

describe('UtcSessionGuard', () => {
  it('is always open without settings', () => {
    expect(open({}, '2024-01-06T03:00:00')).toBe(true);
  });

  it('includes both ends of the window and nothing beyond them', () => {
    expect(
      ['08:59:59.999', '09:00:00.000', '12:00:00.000', '17:00:00.000', '17:00:00.001'].map((time) =>
        open(OFFICE, `2024-01-05T${time}`),
      ),
    ).toEqual([false, true, true, true, false]);
  });

  it('wraps around midnight when the start is after the end', () => {
    expect(
      ['21:59:59.999', '22:00:00.000', '00:00:00.000', '06:00:00.000', '06:00:00.001', '12:00:00.000'].map((time) =>
        open(NIGHT, `2024-01-05T${time}`),
      ),
    ).toEqual([false, true, true, true, false, false]);
  });

  it('trades only on the named days', () => {
    const session = { ...OFFICE, days: ['friday'] };

    expect([
      open(session, '2024-01-05T12:00:00'),
      open(session, '2024-01-06T12:00:00'),
      open({ days: ['saturday'] }, '2024-01-06T00:00:00'),
    ]).toEqual([true, false, true]);
  });

  it('gives every weekday its name', () => {
    const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
    days.forEach((day, i) => {
      expect(days.map((other) => open({ days: [other] }, `2024-01-0${i + 1}T10:00:00`))).toEqual(
        days.map((other) => other === day),
      );
    });
  });

  it('lets an overnight session belong to the day it opened on (B-28)', () => {
    const session = { ...NIGHT, days: ['friday'] };

    expect([
      open(session, '2024-01-05T05:00:00'),
      open(session, '2024-01-05T23:00:00'),
      open(session, '2024-01-06T05:00:00'),
      open(session, '2024-01-06T23:00:00'),
    ]).toEqual([false, true, true, false]);
  });

  it('reads the clock in UTC, whatever the host says (B-28)', () => {
    const { getDay, getHours, getMinutes } = Date.prototype;
    Object.assign(Date.prototype, { getDay: () => 0, getHours: () => 3, getMinutes: () => 33 });
    try {
      expect([
        open({ ...OFFICE, days: ['friday'] }, '2024-01-05T16:59:00'),
        open({ ...OFFICE, days: ['friday'] }, '2024-01-05T20:00:00'),
      ]).toEqual([true, false]);
    } finally {
      Object.assign(Date.prototype, { getDay, getHours, getMinutes });
    }
  });

  it('is open every day when days are missing, and all day when an end is (B-28)', () => {
    expect([
      open(OFFICE, '2024-01-07T12:00:00'),
      open({ startMinute: 540, days: ['friday'] }, '2024-01-05T01:00:00'),
      open({ endMinute: 540, days: ['friday'] }, '2024-01-06T01:00:00'),
    ]).toEqual([true, true, false]);
  });

  it('is closed every day when the list of days is empty', () => {
    expect(open({ days: [] }, '2024-01-05T12:00:00')).toBe(false);
  });

  it('follows a configuration change', () => {
    const config = new FakeConfigController(testConfig({ session: OFFICE }));
    const session = new UtcSessionGuard(config);
    expect(session.shouldTrade(utc('2024-01-05T20:00:00'))).toBe(false);

    config.apply({ updated: testConfig(), diff: {} });

    expect(session.shouldTrade(utc('2024-01-05T20:00:00'))).toBe(true);
  });

  it('is closed at a time that is none', () => {
    expect([
      guard(OFFICE).shouldTrade(Number.NaN),
      guard(NIGHT).shouldTrade(Number.NaN),
      guard({ days: ['friday'] }).shouldTrade(Number.NaN),
      guard({}).shouldTrade(Number.NaN),
    ]).toEqual([false, false, false, false]);
  });
});
