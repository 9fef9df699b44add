/* Whether the service still answers the checkout. While it does not, nothing that the page cannot know is told as known:
   the sale is kept in this browser, what could have happened is called unknown, and it is asked about until it is known. */

import { forget, keep } from './kept-sales.js';

const OVER = ['captured', 'canceled', 'expired', 'declined', 'voided', 'authorized'];

/**
 * Watch the contact of a checkout. `ask()` asks the service how the sale stands; `onChange()` draws the page anew;
 * `onStay()` is told when somebody wants to leave the page and there is nothing to go to.
 * Returns {isLost, answered(sale), failed(problem), hides(sale, isTimeUp)}.
 */
export function contact({ ask, onChange, onStay }) {
  const notice = document.getElementById('outage');
  const link = {
    isLost: false,
    /** The service said how the sale stands. */
    answered(sale) {
      if (OVER.includes(sale.status)) forget(sale.id);
      else keep(sale, false);
      change(false);
    },
    /** Asking failed: a refusal is an answer too, silence is none. */
    failed(problem, sale) {
      if (!problem.isUnknown) return;
      keep(sale, true);
      change(true);
    },
    /** Whether what became of this sale cannot be known: its time is up, nobody answers, and it had not ended before. */
    hides: (sale, isTimeUp) => link.isLost && isTimeUp && !OVER.includes(sale.status),
  };
  const change = (isLost) => {
    if (link.isLost === isLost) return;
    link.isLost = isLost;
    notice.hidden = !isLost;
    onChange();
  };
  window.addEventListener('offline', ask);
  window.addEventListener('online', ask);
  document.addEventListener('click', async (event) => {
    const way = event.target.closest('a[href]');
    if (!link.isLost || !way) return;
    event.preventDefault(); // a page that cannot be loaded would take this one away
    await ask();
    if (link.isLost) onStay();
    else location.assign(way.href);
  });
  return link;
}
