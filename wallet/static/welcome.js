/* Joining: a name, then a PIN or none; the key is made meanwhile. Or coming back by handle and PIN. */

import { api, busy, t } from './shared/app.js';
import './shared/language.js';
import { pinDots } from './shared/keypad.js';
import { hasSecureKeys } from './shared/keys.js';
import { newCard, replaceKey } from './enroll.js';
import { facts, go } from './facts.js';

const BY_PIN = '#sign-in';
const part = (name) => document.getElementById(name);
const tell = (problem) => (part('problem').textContent = problem?.message ?? '');

/** After joining, what brought the person here is opened: a code, or another browser's wish to be signed in. */
function onward(home = '/') {
  const { hash } = location;
  go(hash.length < 2 || hash === BY_PIN ? home : `/${/^#[\w-]{22}$/.test(hash) ? 'l' : 'q'}${hash}`, true);
}

function turnTo(step, focus) {
  for (const form of document.querySelectorAll('.step')) form.hidden = form.id !== step;
  tell();
  part(focus).focus();
}

let offered = null;

/** A free handle for the name and, in the background, this phone's key with its card. */
function offer() {
  const display_name = part('name').value.trim();
  offered = api('POST', '/api/handles', { display_name }).then(async (free) => {
    const person = { ...free, display_name };
    return { ...person, card: await newCard(person) };
  });
  offered.catch(() => {});
  return offered;
}

async function join(pin) {
  let person = await offered.catch(() => offer());
  for (let tries = 0; ; tries += 1) {
    const { display_name, handle, card } = person;
    try {
      await api('POST', '/api/users', { display_name, handle, pin, card });
      return onward();
    } catch (problem) {
      // Taken meanwhile, or made by a request whose answer was lost: another handle and a fresh key.
      if (tries || !['handle_taken', 'key_taken'].includes(problem.code)) throw problem;
      person = await offer();
    }
  }
}

part('name-step').addEventListener('submit', async (event) => {
  event.preventDefault();
  turnTo('pin-step', 'pin');
  try {
    await offer();
  } catch (problem) {
    if (problem.code !== 'bad_name') return; // tried again with the next step
    turnTo('name-step', 'name');
    tell(problem);
  }
});

let first = null;
const dots = pinDots(part('pin'), async (pin) => {
  tell();
  if (first === null) {
    first = pin;
    say('pin.again', 'pin.again_text');
    return dots.clear();
  }
  if (first !== pin) {
    first = null;
    say('welcome.pin', 'welcome.pin_text');
    tell({ message: t('pin.differ') });
    return dots.clear();
  }
  return finish(pin);
});

function say(title, text) {
  part('pin-title').textContent = t(title);
  part('pin-text').textContent = t(text);
}

async function finish(pin) {
  part('pin').disabled = true;
  say('welcome.making', 'welcome.pin_text');
  try {
    await busy(part('skip'), () => join(pin));
  } catch (problem) {
    first = null;
    part('pin').disabled = false;
    say('welcome.pin', 'welcome.pin_text');
    dots.clear();
    tell(problem);
  }
}

part('pin-step').addEventListener('submit', (event) => event.preventDefault());
part('skip').addEventListener('click', () => finish(null));
part('back-again').addEventListener('click', () => turnTo('sign-in', 'handle'));
part('new-here').addEventListener('click', () => turnTo('name-step', 'name'));

part('sign-in').addEventListener('submit', async (event) => {
  event.preventDefault();
  tell();
  const body = { handle: part('handle').value.trim().replace(/^@/, '').toLowerCase(), pin: part('old-pin').value };
  try {
    await busy(event.target.querySelector('.primary'), async () => {
      const me = await api('POST', '/api/session', body);
      if (hasSecureKeys()) await replaceKey(me, me.confirmation);
      const { devices } = await api('GET', '/api/devices').catch(() => ({ devices: [] }));
      const isElsewhere = devices.some((device) => device.is_signed_in && !device.is_here);
      onward(isElsewhere ? '/devices#back' : '/'); // where a phone that was lost is given up
    });
  } catch (problem) {
    tell(problem);
  }
});

// Whoever was here is not signed in any more.
if (hasSecureKeys()) import('./shared/kept.js').then(({ forgetFacts }) => forgetFacts(facts.phone)).catch(() => {});
if (location.hash === BY_PIN) turnTo('sign-in', 'handle');
