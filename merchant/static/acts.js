/* Forms that do something: their fields go to the service as JSON, then the page moves on, or says why not.
   <form data-act="/api/people" data-then="/people"> · <button data-opens="sheet"> · <button data-closes>
   Without `data-then` the page is loaded again; `{id}` in it stands for the answer's own. */

import { api, at, busy } from './shared/app.js';
import { localTimes } from './times.js';

localTimes();
for (const opener of document.querySelectorAll('[data-opens]')) {
  opener.addEventListener('click', () => open(document.getElementById(opener.dataset.opens)));
}
for (const closer of document.querySelectorAll('[data-closes]')) {
  closer.addEventListener('click', () => closer.closest('dialog').close());
}
for (const form of document.querySelectorAll('form[data-act]')) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const fields = new FormData(form, event.submitter); // before the button is busy: it says nothing then
    busy(event.submitter ?? form.querySelector('.primary'), () => send(form, fields));
  });
}
for (const printer of document.querySelectorAll('[data-prints]')) printer.addEventListener('click', () => print());

/** Each opening is one wish: however often it is sent, it is carried out once. */
function open(sheet) {
  const form = sheet.querySelector('form');
  sheet.dataset.key = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
  form.reset();
  complain(form, '');
  sheet.showModal();
}

async function send(form, fields) {
  complain(form, '');
  const key = form.closest('dialog')?.dataset.key;
  try {
    const answer = await api('POST', form.dataset.act, Object.fromEntries(fields), key ? { 'Idempotency-Key': key } : {});
    if ('then' in form.dataset) location.assign(at(form.dataset.then.replace('{id}', answer?.id ?? '')));
    else location.reload();
  } catch (problem) {
    complain(form, problem.message);
  }
}

function complain(form, sentence) {
  form.querySelector('[role=alert]').textContent = sentence;
}
