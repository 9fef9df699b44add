/* The console's pages work without scripts; this one only shows times on the reader's own clock. */

import { localTimes } from './times.js';

localTimes();
