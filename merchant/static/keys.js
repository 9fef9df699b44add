/* The page of API keys: a key that was made is shown once, in a sheet that only its own button closes. */

import { api, busy, say, t } from './shared/app.js';
import { copied } from './shared/copying.js';

const made = document.getElementById('made');
const key = document.getElementById('key');
const access = document.getElementById('access');
const scopes = document.getElementById('scopes');

access.addEventListener('change', restrict);
access.form.addEventListener('reset', () => queueMicrotask(restrict));
made.addEventListener('cancel', (event) => event.preventDefault());
document.getElementById('done').addEventListener('click', () => location.reload());
for (const form of document.querySelectorAll('form[data-makes]')) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    busy(event.submitter ?? form.querySelector('.primary'), () => make(form));
  });
}
for (const button of document.querySelectorAll('[data-copies]')) button.addEventListener('click', () => copy(button.dataset.copies));

function restrict() {
  scopes.hidden = scopes.disabled = access.value === 'full';
}

async function make(form) {
  const alert = form.querySelector('[role=alert]');
  alert.textContent = '';
  try {
    const answer = await api('POST', form.dataset.makes, wish(form));
    form.closest('dialog').close();
    form.reset();
    document.getElementById('made-name').textContent = answer.name;
    key.value = answer.key;
    made.showModal();
    key.select();
  } catch (problem) {
    alert.textContent = problem.message;
  }
}

function wish({ elements }) {
  if (elements.overlap_s) return { overlap_s: Number(elements.overlap_s.value) };
  const chosen = [...scopes.querySelectorAll('select')].filter(({ value }) => value);
  return {
    name: elements.name.value.normalize('NFC').trim(),
    scopes: scopes.disabled ? null : chosen.map(({ value, dataset }) => `${dataset.thing}:${value}`),
    life_s: elements.life_s.value ? Number(elements.life_s.value) : null,
  };
}

async function copy(id) {
  const from = document.getElementById(id);
  const isCopied = await copied(from.value ?? from.textContent);
  const place = from === key ? made.querySelector('[data-copies] span') : null;
  if (place && isCopied) place.textContent = t('keys.copied');
  else say(t(isCopied ? 'keys.copied' : 'checkout.copy_yourself'));
}
