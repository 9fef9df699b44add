/* Sending money to a person. A payment whose outcome is still open comes first. */

import { payForm, refuse } from './pay.js';
import { follow, pending } from './pending.js';
import { facts } from './phone.js';

const view = document.getElementById('view');

payForm({
  kind: 'send',
  payee: view.dataset.payee,
  name: view.dataset.name,
  amount_minor: null,
  currency: facts.currency,
  subject: null,
  memo: null,
  presented: null,
});
const kept = pending();
if (kept) follow(kept, refuse);
