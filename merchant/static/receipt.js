/* A receipt: print it on a roll or on A4, keep its code. */

import './shared/language.js';
import { say, t } from './shared/app.js';

const paper = document.getElementById('paper');

const form = new Intl.DateTimeFormat(document.documentElement.lang, { year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' });
for (const time of paper.querySelectorAll('time')) time.textContent = form.format(new Date(time.dateTime)); // with its day, also today
for (const button of document.querySelectorAll('[data-print]')) {
  button.addEventListener('click', () => {
    paper.dataset.paper = button.dataset.print;
    window.print();
  });
}
document.getElementById('copy')?.addEventListener('click', async ({ currentTarget: button }) => {
  const isCopied = await (navigator.clipboard?.writeText(button.dataset.copy) ?? Promise.reject()).then(() => true, () => false);
  if (isCopied) say(t('receipt.copied'));
  else window.prompt(t('checkout.copy_yourself'), button.dataset.copy);
});
