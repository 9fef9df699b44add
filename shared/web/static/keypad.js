/* Typing an amount by digits, on the screen's keypad or on real keys, and the dots of a PIN. No float touches an amount. */

const MAX_MINOR = 10 ** 12;

/** The text after one key. Keys that make no amount leave it as it is. `key`: 0-9, 00, point, comma, Backspace, Escape. */
export function press(text, key, exponent) {
  if (key === 'Escape') return '';
  if (key === 'Backspace') return text.slice(0, -1);
  const next = key === '.' || key === ',' ? pointed(text, exponent) : text + key;
  const tidy = next.replace(/^0+(?=\d)/, '');
  if (!/^\d*(\.\d*)?$/.test(tidy)) return text;
  const decimals = tidy.split('.')[1] ?? '';
  return decimals.length > exponent || minorUnits(tidy, exponent) > MAX_MINOR ? text : tidy;
}

function pointed(text, exponent) {
  return exponent === 0 || text.includes('.') ? text : (text || '0') + '.';
}

/** Minor units of a typed text: "12.5" is 1250 with two decimals. At most 13 digits, so the integer is exact. */
export function minorUnits(text, exponent) {
  const [whole, decimals = ''] = text.split('.');
  return Number((whole || '0') + decimals.padEnd(exponent, '0'));
}

/** The typed text of `minor`, without needless zeros: 1250 is "12.5". */
export function typed(minor, exponent) {
  if (!minor) return '';
  const digits = String(minor).padStart(exponent + 1, '0');
  const decimals = exponent ? digits.slice(-exponent).replace(/0+$/, '') : '';
  return digits.slice(0, digits.length - exponent) + (decimals ? '.' + decimals : '');
}

/**
 * Make the keypad `pad` (macro `keypad`) work, together with the real keys 0-9 . Backspace Enter Esc.
 *
 * `onChange(minor, text)` after each key; `onEnter(minor)` and `onCancel()` for Enter and for Esc on an empty amount.
 * Returns {minor, set(minor)}. Real keys are left alone while another field or an open dialog has them.
 */
export function keypad(pad, { start = 0, onChange, onEnter = () => {}, onCancel = () => {} }) {
  const exponent = Number(pad.dataset.exponent);
  let text = typed(start, exponent);
  const minor = () => minorUnits(text, exponent);
  const take = (key) => {
    text = press(text, key, exponent);
    onChange(minor(), text);
  };

  pad.addEventListener('click', (event) => {
    const key = event.target.closest('[data-key]')?.dataset.key;
    if (key) take(key);
  });
  document.addEventListener('keydown', (event) => {
    if (isElsewhere(event, pad)) return;
    if (event.key === 'Enter') onEnter(minor());
    else if (event.key === 'Escape' && !text) onCancel();
    else if (/^([0-9.,]|Backspace|Escape)$/.test(event.key)) take(event.key);
    else return;
    event.preventDefault();
    flash(pad, event.key === ',' ? '.' : event.key);
  });
  pad.inert = false;
  onChange(minor(), text);
  return {
    get minor() {
      return minor();
    },
    set(value) {
      text = typed(value, exponent);
      onChange(minor(), text);
    },
  };
}

/** Whether a key is meant for something else: a shortcut, a field, an open dialog, a focused button or link (Enter). */
function isElsewhere(event, pad) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !pad.offsetParent) return true;
  const dialog = document.querySelector('dialog[open]');
  if (dialog && !dialog.contains(pad)) return true;
  if (event.target.closest?.('input:not([type=checkbox]), textarea, select, [contenteditable]')) return true;
  return event.key === 'Enter' && Boolean(event.target.closest?.('a, button, summary'));
}

function flash(pad, key) {
  const button = pad.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!button) return;
  button.classList.add('hit');
  setTimeout(() => button.classList.remove('hit'), 120);
}

/** Fill the dots of a PIN field (macro `pin`) as digits come; `onFull(pin)` once when all are there. */
export function pinDots(input, onFull = () => {}) {
  const dots = input.parentElement.querySelectorAll('i');
  const draw = () => dots.forEach((dot, place) => dot.classList.toggle('on', place < input.value.length));
  input.addEventListener('input', () => {
    input.value = input.value.replace(/\D/g, '').slice(0, dots.length);
    draw();
    if (input.value.length === dots.length) onFull(input.value);
  });
  draw();
  return {
    clear() {
      input.value = '';
      draw();
      input.focus();
    },
  };
}
