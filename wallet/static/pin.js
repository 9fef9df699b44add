/* The sheet that asks for the PIN. It ends in a confirmation for one payment, or in null when the person gives up. */

import { api, t } from './shared/app.js';
import { pinDots } from './shared/keypad.js';
import { facts } from './facts.js';

const part = (name) => document.getElementById(`pin-${name}`);
const input = document.getElementById('pin');
const dots = pinDots(input, (pin) => attempt(pin));

let take = null; // what to do with a PIN that was typed, while the sheet is open
let end = () => {};

/** A confirmation by the PIN, for what `text` says; where none is set yet, the person chooses one first. Null when they give up. */
export async function confirmation(text = t('pin.text')) {
  if (facts.has_pin) return sheet(t('pin.enter'), text, 'current-password', confirmed);
  const pin = await chosenPin();
  return pin === null ? null : confirmed(pin);
}

const confirmed = async (pin) => (await api('POST', '/api/confirmations', { pin })).confirmation;

/** The first PIN, chosen twice alike and set; null when the person gives up. */
export async function chosenPin() {
  let first = null;
  return sheet(t('pin.choose'), t('pin.choose_text'), 'new-password', async (given) => {
    if (first === null) {
      first = given;
      head(t('pin.again'), t('pin.again_text'));
      return undefined;
    }
    if (first !== given) {
      first = null;
      head(t('pin.choose'), t('pin.choose_text'));
      throw new Error(t('pin.differ'));
    }
    await api('POST', '/api/pin', { pin: given });
    facts.has_pin = true;
    return given;
  });
}

/** Another PIN in place of the old one, which is asked for first; null when the person gives up. */
export async function changedPin() {
  const typed = [];
  return sheet(t('pin.old'), t('pin.old_text'), 'current-password', async (given) => {
    if (!typed.length) await confirmed(given);
    if (typed.length < 2) {
      typed.push(given);
      head(...(typed.length === 1 ? [t('pin.new'), t('pin.choose_text')] : [t('pin.again'), t('pin.again_text')]));
      input.autocomplete = 'new-password';
      return undefined;
    }
    const [old, fresh] = typed;
    typed.length = 1;
    head(t('pin.new'), t('pin.choose_text'));
    if (fresh !== given) throw new Error(t('pin.differ'));
    await api('POST', '/api/pin/change', { old, new: fresh });
    return given;
  });
}

/** Open the sheet until `taker(pin)` gives something, or the person closes it (null). What it throws is shown. */
function sheet(title, text, autocomplete, taker) {
  head(title, text);
  input.autocomplete = autocomplete;
  take = taker;
  part('sheet').showModal();
  dots.clear();
  return new Promise((resolve) => {
    end = (value) => {
      take = null;
      end = () => {};
      if (part('sheet').open) part('sheet').close();
      resolve(value);
    };
  });
}

async function attempt(pin) {
  if (!take) return;
  part('problem').textContent = '';
  input.readOnly = true;
  try {
    const answer = await take(pin);
    if (answer !== undefined) end(answer);
  } catch (problem) {
    part('problem').textContent = problem.message;
  }
  input.readOnly = false;
  dots.clear();
}

part('sheet').addEventListener('close', () => end(null));
part('cancel').addEventListener('click', () => end(null));
part('form').addEventListener('submit', (event) => event.preventDefault());

function head(title, text) {
  part('title').textContent = title;
  part('text').textContent = text;
  part('problem').textContent = '';
}
