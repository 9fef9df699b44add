/* Setting the limits. Lowering them is done at once; for raising one the service wants the PIN, which is asked for then. */

import { api, busy, say, t } from './shared/app.js';
import { minorUnits, press, typed } from './shared/keypad.js';
import { keepFresh, MONEY_NEWS, refresh } from './fresh.js';

const part = (name) => document.getElementById(name);
const exponent = Number(part('limits').dataset.exponent);
const NEEDS_PIN = ['pin_needed', 'pin_not_set'];

for (const field of [part('no-pin'), part('daily')]) {
  const { minor } = field.dataset;
  if (minor) field.value = typed(Number(minor), exponent) || '0';
}

part('has-daily').addEventListener('click', () => {
  const isOn = part('has-daily').getAttribute('aria-checked') !== 'true';
  part('has-daily').setAttribute('aria-checked', String(isOn));
  part('daily-field').hidden = !isOn;
  if (isOn) part('daily').focus();
});

/** The amount in a field, in minor units; what is no amount is refused with its sentence. */
function amountIn(field) {
  const text = [...field.value.trim()].reduce((done, key) => (done === null ? null : pressed(done, key)), '');
  if (text === null || text === '') {
    field.focus();
    throw new Error(t('error.invalid_amount'));
  }
  return minorUnits(text, exponent);
}

function pressed(text, key) {
  const next = press(text, key, exponent);
  return next === text && !(key === '0' && text === '0') ? null : next;
}

async function save(confirmation) {
  const hasDaily = part('has-daily').getAttribute('aria-checked') === 'true';
  const wanted = { no_pin_minor: amountIn(part('no-pin')), daily_minor: hasDaily ? amountIn(part('daily')) : null };
  try {
    await api('POST', '/api/limits', { ...wanted, confirmation });
  } catch (problem) {
    if (confirmation || !NEEDS_PIN.includes(problem.code)) throw problem;
    const given = await (await import('./pin.js')).confirmation(t('pin.needed_text'));
    return given === null ? undefined : save(given);
  }
  say(t('limits.saved'));
  return refresh(['today']);
}

part('limits').addEventListener('submit', async (event) => {
  event.preventDefault();
  part('problem').textContent = '';
  try {
    await busy(event.submitter ?? event.target.querySelector('.primary'), () => save());
  } catch (problem) {
    part('problem').textContent = problem.message;
  }
});

keepFresh(['today'], MONEY_NEWS);
