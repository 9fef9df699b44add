/* The sign-in page: the PIN's dots, and the form goes off by itself when all six digits are there. */

import './shared/language.js';
import { pinDots } from './shared/keypad.js';

const form = document.getElementById('signin');
const pin = document.getElementById('pin');

pinDots(pin, () => form.reportValidity() && form.requestSubmit());
if (form.shop.value && form.cashier.value) pin.focus();
