/* The catalogue changed while a sale is on the register: what is new is taken over without losing the cart. */

import { at, money } from './shared/app.js';

/** Take the items that the service sells now into `items`, and their prices and stock onto the `tiles`. */
export async function renew(items, tiles, currency) {
  const answer = await fetch(at('/'), { cache: 'no-store' });
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const item of JSON.parse(page.getElementById('items')?.textContent ?? '[]')) {
    items.set(item.id, item);
    const tile = tiles.get(item.id);
    if (!tile) continue;
    tile.querySelector('.money').textContent = money(item.price_minor, currency);
    tile.disabled = item.stock === 0;
  }
}
