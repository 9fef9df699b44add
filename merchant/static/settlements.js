/* The shop's batches: looked at again when one is closed, or when its payout arrives or comes back. */

import { live } from './shared/live.js';
import { localTimes } from './times.js';

const after = document.querySelector('[data-after]').dataset.after;
const names = ['batch.closed', 'batch.paid', 'batch.returned'];

localTimes();
live('/events', { on: Object.fromEntries(names.map((name) => [name, () => location.reload()])), after: Number(after) });
