/* One sale's history: looked at again when something happens to it. */

import { live } from './shared/live.js';
import { localTimes } from './times.js';

const { intent, after } = document.getElementById('sale').dataset;
const names = ['intent.scanned', 'intent.captured', 'intent.canceled', 'intent.expired'];
const look = (news) => news.intent === intent && location.reload();

localTimes();
live('/events', { on: Object.fromEntries(names.map((name) => [name, look])), after: Number(after) });
