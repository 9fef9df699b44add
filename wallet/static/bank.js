/* The demo bank: the balance as it is. */

import { keepFresh, MONEY_NEWS } from './fresh.js';

keepFresh(['balance'], MONEY_NEWS);
