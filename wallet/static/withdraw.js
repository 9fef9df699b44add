/* Giving money back to the demo bank: an order to the house. A payment whose outcome is still open comes first. */

import { t } from './shared/app.js';
import { facts } from './facts.js';
import { payForm, refuse } from './pay.js';
import { follow, pending } from './pending.js';

const { payee, name } = document.getElementById('view').dataset;
const kept = pending();
const label = (amount) => t('bank.give_back', { amount });

payForm({ kind: 'withdraw', payee, name, currency: facts.currency, amount_minor: null, label });
if (kept) follow(kept, refuse);
