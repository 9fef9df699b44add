/* The ticket of the register: the cart's lines and what they come to, drawn anew after each change. */

import { money, showFigure, t } from './shared/app.js';
import { hasShare } from './register-cart.js';

const byId = (id) => document.getElementById(id);
const list = byId('lines');

/** Draw `cart` over the catalogue `items`. `currency` as ISO code; `tiles` by item; `onDrawn(lines, total)` for others. */
export function ticket(cart, { items, currency, tiles, onDrawn }) {
  const worth = (minor) => money(minor, currency);

  function line(row, place, figures) {
    const item = items.get(row.item);
    const name = item?.name ?? (row.name || t('keypad.typed'));
    const quantity = row.quantity ?? 1;
    const details = [cart.options(row), quantity > 1 ? `${quantity} × ${worth(cart.unit(row))}` : '', hasShare(row.discount) ? `−${worth(figures.off)}` : ''];
    const drawn = byId('line').content.firstElementChild.cloneNode(true);
    drawn.dataset.place = place;
    if (item) drawn.dataset.good = item.id;
    drawn.querySelector('.name').textContent = name;
    drawn.querySelector('.small').textContent = details.filter(Boolean).join(' · ');
    drawn.querySelector('.money').textContent = worth(figures.net);
    drawn.querySelector('.edit').setAttribute('aria-label', t('register.edit', { name, amount: worth(figures.net) }));
    drawn.querySelector('.less').setAttribute('aria-label', item ? t('keypad.take_one', { name }) : t('keypad.no_typed'));
    const more = drawn.querySelector('.more');
    if (item) more.setAttribute('aria-label', t('keypad.add_one', { name }));
    else more.remove();
    return { drawn, shown: { name, detail: details[0] || details[1], minor: figures.net } };
  }

  function facts(bill) {
    const taxes = bill.taxes.map(({ rate, tax }) => [t('register.tax', { rate: rate / 100 }), worth(tax), 'soft small']);
    const rows = [
      bill.discount || bill.tip ? [t('register.subtotal'), worth(bill.goods)] : null,
      bill.discount ? [withText('register.discount', cart.shares.discount), `−${worth(bill.discount)}`] : null,
      bill.tip ? [withText('register.tip', cart.shares.tip), `+${worth(bill.tip)}`] : null,
      ...taxes,
    ];
    byId('figures').replaceChildren(...rows.filter(Boolean).map(fact));
  }

  function withText(key, share) {
    return share.basis_points ? `${t(key)} ${share.basis_points / 100} %` : t(key);
  }

  function fact([label, value, look = '']) {
    const row = document.createElement('div');
    const [name, amount] = ['dt', 'dd'].map((tag) => row.appendChild(document.createElement(tag)));
    row.className = look;
    name.textContent = label;
    amount.textContent = value;
    amount.className = 'num';
    return row;
  }

  function counts() {
    for (const [id, tile] of tiles) {
      const count = cart.lines.reduce((sum, one) => sum + (one.item === id ? one.quantity : 0), 0);
      const badge = tile.querySelector('.count');
      badge.hidden = !count;
      badge.textContent = count ? `×${count}` : '';
    }
  }

  return function draw() {
    const bill = cart.bill();
    const drawn = cart.lines.map((row, place) => line(row, place, bill.lines[place]));
    const isOnlyTyped = drawn.length === 1 && cart.typedMinor > 0;
    list.replaceChildren(...(isOnlyTyped ? [] : drawn.map((one) => one.drawn)));
    showFigure(byId('total'), bill.problem ? bill.toPay : bill.total, currency);
    byId('problem').textContent = bill.problem ? t(`register.${bill.problem}`) : '';
    byId('nothing').hidden = cart.lines.length > 0;
    byId('clear').hidden = cart.lines.length === 0 && !hasShare(cart.shares.discount) && !hasShare(cart.shares.tip);
    for (const button of document.querySelectorAll('[data-needs-cart]')) button.disabled = bill.total === 0;
    facts(bill);
    counts();
    onDrawn(drawn.map(({ shown }) => shown), bill.total);
    return bill;
  };
}
