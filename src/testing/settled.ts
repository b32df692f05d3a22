// Taken when the kit is loaded: a runner that fakes timers later on does not stop ours.
const immediately = setImmediate;

/** Lets every promise that can settle without a timer do so. */
export const settled = (): Promise<void> => new Promise((resolve) => immediately(resolve));
