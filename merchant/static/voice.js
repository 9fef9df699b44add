/* The till's voice: a tone and, where that is switched on, the amount in words for each payment; each is announced once,
   however many windows of this browser hear of it. */

import { at, exponent, t } from './shared/app.js';
import { chime } from './shared/chime.js';

const AFTER_TONE_MS = 350;
const REMEMBERED = 50;
const place = (what) => `saoma-${what}-${at('') || 'till'}`;

/** Whether this browser speaks: not unless somebody has switched it on. */
const voiceIsOn = () => kept('voice') === 'on';

/** Make a `switch` button keep whether this browser speaks; switched on, it lets itself be heard. */
export function voiceSwitch(button) {
  const show = () => button.setAttribute('aria-checked', String(voiceIsOn()));
  show();
  button.inert = false;
  button.addEventListener('click', () => {
    keep('voice', voiceIsOn() ? 'off' : 'on');
    show();
    if (voiceIsOn()) speak(t('voice.on'));
  });
}

/** Announce a payment: its tone, and its amount in words. `id` names it: the first window to come takes it. */
export function announce(id, minor, currency) {
  once(id, () => {
    chime();
    if (voiceIsOn()) setTimeout(() => speak(inWords(minor, currency)), AFTER_TONE_MS);
  });
}

/** "Received 12.50 yuan": the amount by its digits, the currency by the name that people say. */
function inWords(minor, currency) {
  return t('voice.received', { amount: digitsOf(minor, currency), unit: unitOf(currency) });
}

function digitsOf(minor, currency) {
  const places = exponent(currency);
  const digits = String(minor).padStart(places + 1, '0');
  return places ? `${digits.slice(0, -places)}.${digits.slice(-places)}` : digits;
}

function unitOf(currency) {
  if (currency === 'CNY') return t('voice.cny');
  const language = document.documentElement.lang || 'en';
  const parts = new Intl.NumberFormat(language, { style: 'currency', currency, currencyDisplay: 'name' }).formatToParts(2);
  return parts.find(({ type }) => type === 'currency').value;
}

function speak(text) {
  if (!window.speechSynthesis) return;
  const words = new SpeechSynthesisUtterance(text);
  words.lang = document.documentElement.lang === 'zh' ? 'zh-CN' : document.documentElement.lang;
  speechSynthesis.speak(words);
}

/** Do it unless another window of this browser has done it; windows take turns where the browser lets them. */
function once(id, act) {
  const turn = () => {
    const known = (kept('announced') ?? '').split(' ');
    if (known.includes(id)) return;
    keep('announced', [...known, id].slice(-REMEMBERED).join(' '));
    act();
  };
  if (navigator.locks) navigator.locks.request(place('turn'), turn);
  else turn();
}

function kept(what) {
  try {
    return localStorage.getItem(place(what));
  } catch {
    return null;
  }
}

function keep(what, value) {
  try {
    localStorage.setItem(place(what), value);
  } catch {
    // A browser that keeps nothing stays as it is.
  }
}
