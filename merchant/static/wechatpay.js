/* The page of WeChat Pay's settings: everything is there to be copied; a private key is shown once, to be saved. */

import { api, busy, say, t } from './shared/app.js';
import { copied } from './shared/copying.js';

const made = document.getElementById('made');
const key = document.getElementById('private-key');

made.addEventListener('cancel', (event) => event.preventDefault());
document.getElementById('done').addEventListener('click', () => location.reload());
for (const form of document.querySelectorAll('form[data-makes]')) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    busy(form.querySelector('.primary'), () => make(form));
  });
}
for (const button of document.querySelectorAll('[data-copies]')) button.addEventListener('click', () => copy(button));

async function make(form) {
  const alert = form.querySelector('[role=alert]');
  alert.textContent = '';
  try {
    const answer = await api('POST', form.dataset.makes, {});
    form.closest('dialog').close();
    key.value = answer.private_key;
    document.getElementById('save').href = URL.createObjectURL(new Blob([answer.private_key], { type: 'application/x-pem-file' }));
    made.showModal();
  } catch (problem) {
    alert.textContent = problem.message;
  }
}

/** Copy; the sign on the button says that it worked. */
async function copy(button) {
  const from = document.getElementById(button.dataset.copies);
  const isCopied = await copied(from.value ?? from.textContent);
  const use = button.querySelector('use');
  const sign = use.href.baseVal;
  if (isCopied) use.setAttribute('href', sign.replace('#copy', '#check'));
  setTimeout(() => use.setAttribute('href', sign.replace('#check', '#copy')), 1500);
  say(t(isCopied ? 'wechatpay.copied' : 'checkout.copy_yourself'));
}
