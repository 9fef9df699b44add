/* The contact list, as it is now, and the answers to those who ask. */

import { takeAnswers } from './asks.js';
import { keepFresh, tellContact } from './fresh.js';

takeAnswers(['waiting', 'known']);
keepFresh(['waiting', 'known'], {
  'contact.requested': tellContact('live.asks'),
  'contact.accepted': tellContact('live.accepted'),
});
