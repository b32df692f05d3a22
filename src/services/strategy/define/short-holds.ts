import { hold } from '../../../domain/decision.js';

export const BETWEEN_BARS = hold('Bar not finished');
export const WARMING_UP = hold('Indicators are warming up');
export const NOTHING_ASKED = hold('onBar asked for nothing');
