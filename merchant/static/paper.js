/* A sheet to print: its button, and times on the reader's own clock. */

import { localTimes } from './times.js';

localTimes();
document.getElementById('print').addEventListener('click', () => print());
