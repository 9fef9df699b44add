/* The owner of a new shop: the dots of both PINs; from the first one on to the second. */

import './shared/language.js';
import { pinDots } from './shared/keypad.js';

const again = document.getElementById('again');

pinDots(document.getElementById('pin'), () => again.focus());
pinDots(again, () => {});
