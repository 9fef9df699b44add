/* The pages of webhooks: a secret is shown once, in a sheet that only its own button closes; the log is there to be copied from. */

import { api, busy, say, t } from './shared/app.js';
import { copied } from './shared/copying.js';

const made = document.getElementById('made');
const secret = document.getElementById('secret');
const which = document.getElementById('which');
const events = document.getElementById('events');
const delivery = document.getElementById('delivery');

made?.addEventListener('cancel', (event) => event.preventDefault());
document.getElementById('done')?.addEventListener('click', () => location.reload());
which?.addEventListener('change', narrow);
which?.form.addEventListener('reset', () => queueMicrotask(narrow));
for (const form of document.querySelectorAll('form[data-makes]')) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    busy(form.querySelector('.primary'), () => send(form));
  });
}
for (const button of document.querySelectorAll('[data-copies]')) button.addEventListener('click', () => copy(button));
if (delivery?.dataset.state === 'pending') setTimeout(look, 1000);

function narrow() {
  events.hidden = events.disabled = which.value === 'all';
}

async function send(form) {
  const alert = form.querySelector('[role=alert]');
  alert.textContent = '';
  try {
    const answer = await api('POST', form.dataset.makes, wish(form.elements));
    if (!('shows' in form.dataset)) return location.reload();
    form.closest('dialog').close();
    secret.value = answer.secret;
    made.showModal();
    return secret.select();
  } catch (problem) {
    alert.textContent = problem.message;
    return undefined;
  }
}

function wish({ overlap_s: overlap, url, description }) {
  if (overlap) return { overlap_s: Number(overlap.value) };
  const chosen = [...events.querySelectorAll(':checked')].map(({ value }) => value);
  const told = { url: url.value.trim(), description: description.value.normalize('NFC').trim() };
  return which.value === 'all' ? told : { ...told, events: chosen };
}

/** What waits is looked at again once it may have gone. */
async function look() {
  const page = await fetch(location.href).then((answer) => answer.text()).catch(() => '');
  const there = new DOMParser().parseFromString(page, 'text/html').getElementById('delivery');
  const tries = (root) => root.querySelectorAll('.tries details').length;
  if (there && (there.dataset.state !== 'pending' || tries(there) !== tries(document))) location.reload();
  else setTimeout(look, 3000);
}

async function copy(button) {
  const from = document.getElementById(button.dataset.copies);
  if (await copied(from.value ?? from.textContent)) button.querySelector('span').textContent = t('webhooks.copied');
  else say(t('checkout.copy_yourself'));
}
