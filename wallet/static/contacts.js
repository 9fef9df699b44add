/* The contact list, as it is now, and the answers to those who ask. */

import { takeAnswers } from './asks.js';
import { keepFresh, REQUEST_NEWS, tellContact } from './fresh.js';

takeAnswers(['waiting', 'known']);
keepFresh(['requested', 'waiting', 'known'], {
  ...REQUEST_NEWS,
  'transfer.posted': () => {},
  'contact.requested': tellContact('live.asks'),
  'contact.accepted': tellContact('live.accepted'),
});
