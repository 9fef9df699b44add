/* My card: whoever scans it asks to be a contact, and can be answered right here. */

import { takeAnswers } from './asks.js';
import './code.js';
import { keepFresh, tellContact } from './fresh.js';

takeAnswers(['waiting']);
keepFresh(['waiting'], {
  'contact.requested': tellContact('live.asks'),
  'contact.accepted': tellContact('live.accepted'),
});
