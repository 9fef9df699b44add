/* Parked carts: the sheet that puts the cart aside under a name, and lists what can be taken up again. */

import { api, money, t } from './shared/app.js';
import { ask, complain } from './register-sheets.js';

const byId = (id) => document.getElementById(id);
const sheet = byId('parked');
const list = byId('parked-list');

/** The opening of the sheet by the button `opener`. `cart` as of register-cart.js; `onTaken(given)` gets a cart that was taken up. */
export function parking(opener, cart, { currency, onTaken, onParked }) {
  const opens = async () => {
    byId('park-form').hidden = cart.bill().total === 0;
    byId('parked-do').hidden = cart.bill().total === 0;
    byId('park-name').value = '';
    ask(sheet, park);
    await show();
  };

  async function show() {
    const found = await tried(() => api('GET', '/api/parked'));
    if (!found) return;
    count(found.length);
    byId('parked-none').hidden = found.length > 0;
    list.replaceChildren(...found.map(row));
  }

  function row(one) {
    const drawn = byId('parked-row').content.firstElementChild.cloneNode(true);
    const name = one.name || t('register.parked_unnamed');
    const clock = new Date(one.created_at).toLocaleTimeString(document.documentElement.lang, { hour: '2-digit', minute: '2-digit' });
    drawn.querySelector('.name').textContent = name;
    drawn.querySelector('.soft').textContent = [clock, one.by, t('register.lines', { count: one.lines })].filter(Boolean).join(' · ');
    drawn.querySelector('.money').textContent = money(one.total_minor, currency);
    const [take, discard] = [drawn.querySelector('.take'), drawn.querySelector('.discard')];
    take.setAttribute('aria-label', t('register.take_up', { name }));
    discard.setAttribute('aria-label', t('register.throw_away', { name }));
    take.onclick = async () => {
      if (cart.lines.length) return complain(sheet, t('register.park_first'));
      const given = await tried(() => api('POST', `/api/parked/${one.id}/take`, {}));
      if (!given) return show();
      sheet.close();
      count(list.children.length - 1);
      onTaken(given);
    };
    discard.onclick = async () => {
      await tried(() => api('POST', `/api/parked/${one.id}/discard`, {}));
      show();
    };
    return drawn;
  }

  async function park() {
    const done = await tried(() => api('POST', '/api/parked', { name: byId('park-name').value, cart: onParked.cart() }));
    if (!done) return false;
    count(Number(opener.dataset.count) + 1);
    onParked.done();
    return true;
  }

  function count(number) {
    opener.dataset.count = number;
    opener.querySelector('.count').hidden = !number;
    opener.querySelector('.count').textContent = number;
  }

  async function tried(work) {
    try {
      return await work();
    } catch (problem) {
      complain(sheet, problem.message);
      return null;
    }
  }

  return opens;
}
