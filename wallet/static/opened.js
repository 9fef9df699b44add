/* What a scanned code means, and what may be done about it. Opening the page never acts. */

import { api, busy, say, t } from './shared/app.js';
import { payForm } from './pay.js';
import { follow, pending } from './pending.js';
import { go } from './facts.js';

const TITLES = { contact_card: 'opened.card', receipt: 'opened.receipt' };
const part = (name) => document.getElementById(name);

async function open() {
  const kept = pending();
  if (kept) return follow(kept, refuse);
  const text = location.hash.slice(1);
  if (!text) return refuse({ message: t('opened.nothing') });
  try {
    return show(await api('POST', '/q/view', { text: `${location.origin}/q#${text}` }));
  } catch (problem) {
    return refuse(problem);
  }
}

function show(code) {
  part('view').innerHTML = code.html;
  if (part('view').querySelector('time')) import('./times.js').then(({ tellTimes }) => tellTimes(part('view')), () => {});
  part('title').textContent = t(TITLES[code.kind] ?? 'opened.pay');
  if (part('pay')) payForm(termsOf(code));
  part('add')?.addEventListener('click', () => add(code));
}

function termsOf(code) {
  const isPeer = code.kind === 'peer_request';
  return {
    kind: isPeer ? 'send' : code.capture_method === 'manual' ? 'hold' : 'pay',
    payee: code.payee.handle,
    name: code.payee.alias || code.payee.display_name,
    amount_minor: code.amount_minor,
    currency: code.currency,
    subject: code.subject,
    memo: isPeer ? code.memo || null : null,
    presented: isPeer ? code.text : null,
  };
}

async function add(code) {
  try {
    const contact = await busy(part('add'), () => api('POST', '/api/contacts', { card: code.text }));
    go(`/contacts/${contact.handle}`, true);
  } catch (problem) {
    say(problem.message, 0);
  }
}

function refuse(problem) {
  part('view').hidden = true;
  part('problem').hidden = false;
  part('problem-text').textContent = problem.message;
  say(problem.message);
}

window.addEventListener('hashchange', () => location.reload());
open();
