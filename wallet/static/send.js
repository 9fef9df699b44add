/* Sending money to a person. A payment whose outcome is still open comes first. */

import { facts } from './facts.js';
import { payForm, refuse } from './pay.js';
import { follow, pending } from './pending.js';

const { payee, name } = document.getElementById('view').dataset;
const kept = pending();

payForm({ kind: 'send', payee, name, currency: facts.currency, amount_minor: null });
if (kept) follow(kept, refuse);
