/* The page after a payment: its tone, once, when one arrives here and not when one comes back. */

import { chime } from './shared/chime.js';
import './times.js';

if (performance.getEntriesByType('navigation')[0]?.type === 'navigate') chime();
