import { defineStrategy } from 'perpsbot';

/** Enters, is out after a few bars if its stop was not first, and enters again: something to lose at every moment. */
export const inAndOut = defineStrategy({
  name: 'in-and-out',
  timeframe: '5s',
  setup: () => ({ state: { held: 0, isLong: false } }),
  onBar({ bar, position, long, short, flat }, { state }) {
    state.held = position.isFlat ? 0 : state.held + 1;
    if (position.isFlat) {
      state.isLong = !state.isLong;
      if (state.isLong) long({ notional: 70, stop: bar.close * 0.9995, why: 'in' });
      else short({ notional: 70, stop: bar.close * 1.0005, why: 'in' });
    } else if (state.held > 3) flat('long enough');
  },
});
