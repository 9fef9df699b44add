/* Money that is set aside: the page says at once when the shop takes it or lets it go. */

import { keepFresh, MONEY_NEWS } from './fresh.js';

if ('open' in document.getElementById('hold').dataset) keepFresh(['hold'], MONEY_NEWS);
