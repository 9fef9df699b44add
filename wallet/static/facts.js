/* What the page says about the signed-in person and the installation (wallet/page.py), and the way to other pages. */

import { at } from './shared/app.js';

export const facts = JSON.parse(document.getElementById('facts').textContent);

/** Go to another page of the wallet; with `inPlace` the way back does not lead here again. */
export function go(path, inPlace = false) {
  if (inPlace) location.replace(at(path));
  else location.assign(at(path));
}
