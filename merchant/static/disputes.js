/* The list of disputes, looked at again when one is opened, answered or ends. */

import { live } from './shared/live.js';
import { localTimes } from './times.js';

localTimes();
const names = ['opened', 'answered', 'decided', 'withdrawn', 'refunded'].map((name) => `dispute.${name}`);
const { after } = document.getElementById('disputes').dataset;
live('/events', { on: Object.fromEntries(names.map((name) => [name, () => location.reload()])), after: Number(after) });
