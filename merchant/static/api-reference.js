/* The API's page: search among the doors, a link to one opens it, curl is copied. */

import { say, t } from './shared/app.js';
import { copied } from './shared/copying.js';

const words = document.getElementById('words');
const doors = [...document.querySelectorAll('.doors details')].map((door) => ({ door, text: door.textContent.toLowerCase() }));
const sections = document.querySelectorAll('.doors section');

words.addEventListener('input', find);
words.form.addEventListener('submit', (event) => event.preventDefault());
addEventListener('hashchange', unfold);
document.addEventListener('click', ({ target }) => {
  const button = target.closest('[data-copy]');
  if (button) copy(button.previousElementSibling);
});
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.target.matches('input')) return;
  event.preventDefault();
  words.focus();
});
find();
unfold();

function find() {
  const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const { door, text } of doors) door.hidden = !wanted.every((word) => text.includes(word));
  let isAny = false;
  for (const section of sections) {
    const isShown = section.id === 'basics' ? !wanted.length : Boolean(section.querySelector('details:not([hidden])'));
    section.hidden = !isShown;
    isAny ||= isShown;
  }
  document.getElementById('none').hidden = isAny;
}

function unfold() {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (named?.tagName !== 'DETAILS') return;
  named.open = true;
  named.scrollIntoView();
}

async function copy(from) {
  say(t((await copied(from.textContent)) ? 'api.copied' : 'checkout.copy_yourself'));
}
