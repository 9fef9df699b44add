/* The register's sheets: what is off or given on top, one line with its options, the parts of a sale. Each asks, none sells. */

import { money, t } from './shared/app.js';
import { shareOf } from './register-pricing.js';
import { equalParts, shareText, typedMinor, typedShare } from './register-typing.js';
import { typed } from './shared/keypad.js';

const byId = (id) => document.getElementById(id);
const MOST_PARTS = 20;

for (const sheet of document.querySelectorAll('dialog.sheet')) {
  sheet.querySelector('[data-closes]').addEventListener('click', () => sheet.close());
}

/** Open a sheet; `done()` when its form is sent, and the sheet stays while that answers false. */
export function ask(sheet, done) {
  const form = sheet.querySelector('form');
  form.onsubmit = async (event) => {
    event.preventDefault();
    if ((await done(event)) !== false) sheet.close();
  };
  complain(sheet, '');
  if (!sheet.open) sheet.showModal();
}

export const complain = (sheet, sentence) => (sheet.querySelector('[role=alert]').textContent = sentence);

/** Ask for a share of `whole`: `onShare(share)`. `presets` are percentages. */
export function askShare(key, whole, share, { currency, decimals, onShare }) {
  const sheet = byId('share');
  const input = byId('share-text');
  const read = () => typedShare(input.value, decimals);
  const worth = (minor) => money(minor, currency);
  byId('share-title').textContent = t(`register.${key}`);
  for (const button of sheet.querySelectorAll('[data-preset]')) {
    button.hidden = button.dataset.for !== key;
    button.onclick = () => show((input.value = button.dataset.preset));
  }
  function show() {
    const found = read();
    const minor = found && shareOf(found, whole);
    const fits = found && minor <= whole;
    for (const button of sheet.querySelectorAll('[data-preset]')) button.setAttribute('aria-pressed', String(input.value === button.dataset.preset));
    input.setAttribute('aria-invalid', String(!fits));
    byId('share-worth').textContent = fits && minor ? `${key === 'tip' ? '+' : '−'}${worth(minor)}` : '';
    complain(sheet, fits || !input.value ? '' : t(found ? `register.${key}_too_large` : 'register.bad_share', { most: worth(whole) }));
    return fits ? found : null;
  }
  input.oninput = show;
  input.value = shareText(share, decimals);
  ask(sheet, () => {
    const found = show();
    return found ? onShare(found) : false;
  });
  show();
  input.select();
}

/**
 * Ask about one line of `item` (null: a typed amount): its options, quantity, what is off, its name.
 * `onDone({options, quantity, discount, name})`; `onRemove` when it is in the cart already.
 */
export function askLine(item, line, { currency, decimals, onDone, onRemove }) {
  const sheet = byId('edit');
  const chosen = new Set(line.options ?? []);
  let quantity = line.quantity ?? 1;
  const groups = item?.options ?? [];
  byId('edit-title').textContent = item?.name ?? t('keypad.typed');
  byId('edit-groups').replaceChildren(...groups.map((group) => drawGroup(group, chosen, currency, show)));
  byId('edit-count').hidden = !item;
  byId('edit-named').hidden = Boolean(item);
  byId('edit-name').value = line.name ?? '';
  byId('edit-discount').value = shareText(line.discount, decimals);
  byId('edit-remove').hidden = !onRemove;
  byId('edit-remove').onclick = () => (sheet.close(), onRemove());
  for (const step of sheet.querySelectorAll('[data-step]')) step.onclick = () => ((quantity = Math.min(999, Math.max(1, quantity + Number(step.dataset.step)))), show());
  byId('edit-discount').oninput = show;

  function figures() {
    const delta = groups.flatMap((group) => group.choices).reduce((sum, { id, delta_minor: more }) => sum + (chosen.has(id) ? more : 0), 0);
    const gross = (item ? item.price_minor + delta : line.typed_minor) * quantity;
    const share = typedShare(byId('edit-discount').value, decimals);
    return { gross, share, off: share ? shareOf(share, gross) : 0 };
  }
  function show() {
    const { gross, off } = figures();
    byId('edit-quantity').textContent = quantity;
    byId('edit-done').textContent = t(onRemove ? 'register.line_done' : 'register.line_add', { amount: money(Math.max(0, gross - off), currency) });
  }
  ask(sheet, () => {
    const { gross, share, off } = figures();
    const missing = groups.find((group) => group.is_required && !group.choices.some(({ id }) => chosen.has(id)));
    if (missing) return refuse(t('register.choose', { group: missing.name }));
    if (!share || off > gross) return refuse(t(share ? 'register.discount_too_large' : 'register.bad_share', { most: money(gross, currency) }));
    const options = groups.flatMap((group) => group.choices).map(({ id }) => id).filter((id) => chosen.has(id));
    return onDone(item ? { options, quantity, discount: share } : { name: byId('edit-name').value.trim(), discount: share });
  });
  const refuse = (sentence) => (complain(sheet, sentence), false);
  show();
}

function drawGroup(group, chosen, currency, onChange) {
  const drawn = byId('group').content.firstElementChild.cloneNode(true);
  drawn.querySelector('legend').textContent = group.is_required ? group.name : `${group.name} (${t('register.optional')})`;
  if (group.is_required && !group.choices.some(({ id }) => chosen.has(id))) chosen.add(group.choices[0].id);
  for (const choice of group.choices) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'btn pick';
    button.dataset.choice = choice.id;
    button.textContent = choice.delta_minor ? `${choice.name} ${choice.delta_minor > 0 ? '+' : ''}${money(choice.delta_minor, currency)}` : choice.name;
    button.setAttribute('aria-pressed', String(chosen.has(choice.id)));
    button.onclick = () => pick(choice.id);
    drawn.querySelector('.picks').append(button);
  }
  function pick(id) {
    const mine = group.choices.map((choice) => choice.id).filter((one) => chosen.has(one));
    if (chosen.has(id)) (group.is_required && mine.length === 1) || chosen.delete(id);
    else {
      if (mine.length >= group.most) chosen.delete(mine[0]);
      chosen.add(id);
    }
    for (const button of drawn.querySelectorAll('[data-choice]')) button.setAttribute('aria-pressed', String(chosen.has(button.dataset.choice)));
    onChange();
  }
  return drawn;
}

/** Ask in which parts `total` is paid: `onParts([minor])`. The last part is what the others leave. */
export function askParts(total, { currency, decimals, onParts }) {
  const sheet = byId('parts');
  const list = byId('parts-list');
  const worth = (minor) => money(minor, currency);
  let count = 2;
  const inputs = () => [...list.querySelectorAll('input')];
  const read = () => inputs().slice(0, -1).map((input) => typedMinor(input.value, decimals));

  function redraw() {
    byId('parts-count').textContent = count;
    list.replaceChildren(...equalParts(total, count).map((minor, place) => {
      const row = byId('part').content.firstElementChild.cloneNode(true);
      const [label, input] = [row.querySelector('label'), row.querySelector('input')];
      input.id = `part-${place}`;
      label.htmlFor = input.id;
      label.textContent = t('register.part', { number: place + 1 });
      input.value = typed(minor, decimals);
      input.readOnly = place === count - 1;
      input.oninput = show;
      return row;
    }));
    show();
  }
  function show() {
    const parts = read();
    const rest = total - parts.reduce((sum, part) => sum + (part ?? 0), 0);
    inputs().at(-1).value = rest > 0 ? typed(rest, decimals) : '';
    const isGood = rest > 0 && parts.every((part) => part > 0);
    complain(sheet, isGood ? '' : t('register.bad_parts', { total: worth(total) }));
    byId('parts-do').disabled = !isGood;
    byId('parts-do').textContent = t('register.charge_part', { number: 1, amount: worth(isGood ? parts[0] : 0) });
    return isGood ? [...parts, rest] : null;
  }
  for (const step of sheet.querySelectorAll('[data-step]')) {
    step.onclick = () => ((count = Math.min(MOST_PARTS, total, Math.max(2, count + Number(step.dataset.step)))), redraw());
  }
  ask(sheet, () => {
    const parts = show();
    return parts ? onParts(parts) : false;
  });
  redraw();
}
