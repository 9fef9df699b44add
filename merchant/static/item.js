/* One item's form: its picture is sent when it is chosen, all else when it is saved. Fields go as they were typed. */

import { api, at, busy, say, t } from './shared/app.js';
import { upload } from './upload.js';

const form = document.getElementById('item');
const save = document.getElementById('save');
const shown = document.getElementById('shown');
const noPicture = document.getElementById('no-picture');
const photo = document.getElementById('photo');
const problem = document.getElementById('problem');
const groups = document.getElementById('groups');
const { item, version, stock, exponent } = form.dataset;
const FIELDS = ['name', 'category', 'price', 'tax', 'sku', 'stock'];
let { picture } = form.dataset;

const blank = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);

for (const group of JSON.parse(form.dataset.options)) addGroup(group);
showPicture();

document.getElementById('add-group').addEventListener('click', () => {
  const part = addGroup({ name: '', most: 1, is_required: false, choices: [] });
  addChoice(part, {});
  addChoice(part, {});
  part.querySelector('.group-name').focus();
});
groups.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button) return;
  const part = button.closest('.group');
  if (button.matches('.add-choice')) addChoice(part, {}).querySelector('input').focus();
  if (button.matches('.no-choice')) leave(button.closest('li'), part.querySelector('.add-choice'));
  if (button.matches('.no-group')) leave(part, document.getElementById('add-group'));
});
photo.addEventListener('change', () => photo.files[0] && send(photo.files[0]));
noPicture.addEventListener('click', () => {
  picture = '';
  showPicture();
  photo.focus();
});
document.getElementById('sku').addEventListener('keydown', (event) => {
  if (event.key !== 'Enter') return; // a scanner ends what it read with Enter, which must not save the form
  event.preventDefault();
  document.getElementById('stock').focus();
});
form.addEventListener('submit', (event) => {
  event.preventDefault();
  attempt(save, async () => {
    await api('POST', item ? `/api/items/${item}` : '/api/items', filled());
    location.assign(at('/items'));
  });
});
const putAway = document.getElementById('put-away');
putAway?.addEventListener('click', () =>
  attempt(putAway, async () => {
    await api('POST', `/api/items/${item}/${putAway.dataset.act}`, { version: Number(version) });
    location.assign(at('/items'));
  }),
);

function filled() {
  const typed = Object.fromEntries(FIELDS.map((name) => [name, document.getElementById(name).value]));
  const options = [...groups.children].map((part) => {
    const choices = [...part.querySelectorAll('.choices-of > li')].map((row) => ({
      id: row.dataset.id,
      name: row.querySelector('.choice-name').value,
      delta: row.querySelector('.choice-delta').value,
    }));
    return {
      id: part.dataset.id,
      name: part.querySelector('.group-name').value,
      is_required: part.querySelector('.must').checked,
      most: part.querySelector('.several').checked ? choices.length : 1,
      choices,
    };
  });
  const edited = item ? { version: Number(version), stock_was: stock === '' ? null : Number(stock) } : {};
  return { ...typed, options, picture: picture || null, ...edited };
}

async function attempt(button, work) {
  complain('');
  try {
    await busy(button, work);
  } catch (refusal) {
    complain(refusal.message, refusal.body?.x_field);
  }
}

/** Say what is wrong above the buttons, and lead to the field that it is about. */
function complain(sentence, name = '') {
  problem.hidden = !sentence;
  problem.querySelector('p').textContent = sentence;
  for (const field of FIELDS) document.getElementById(field).removeAttribute('aria-invalid');
  const field = FIELDS.includes(name) && document.getElementById(name);
  if (field) field.setAttribute('aria-invalid', 'true');
  if (sentence) (field || problem).scrollIntoView({ block: 'center' });
  if (field) field.focus({ preventScroll: true });
}

async function send(file) {
  const label = document.querySelector('label[for=photo]');
  label.setAttribute('aria-busy', 'true');
  complain('');
  try {
    ({ picture } = await upload('/api/items/pictures', file));
    showPicture();
    say(t('item.picture_here'));
  } catch (refusal) {
    complain(refusal.message);
  } finally {
    label.removeAttribute('aria-busy');
    photo.value = '';
  }
}

function showPicture() {
  shown.hidden = noPicture.hidden = !picture;
  if (picture) shown.src = at(`/pictures/${picture}.webp`);
}

function addGroup(group) {
  const part = blank('group');
  if (group.id) part.dataset.id = group.id;
  part.querySelector('.group-name').value = group.name;
  part.querySelector('.must').checked = group.is_required;
  part.querySelector('.several').checked = group.most > 1;
  groups.append(part);
  for (const choice of group.choices) addChoice(part, choice);
  return part;
}

function addChoice(part, choice) {
  const row = blank('choice');
  if (choice.id) row.dataset.id = choice.id;
  row.querySelector('.choice-name').value = choice.name ?? '';
  row.querySelector('.choice-delta').value = choice.delta_minor ? signed(choice.delta_minor) : '';
  part.querySelector('.choices-of').append(row);
  return row;
}

/** A price difference as it is typed: 300 is `+3.00`. */
function signed(minor) {
  const digits = String(Math.abs(minor)).padStart(Number(exponent) + 1, '0');
  const point = digits.length - Number(exponent);
  return `${minor < 0 ? '−' : '+'}${digits.slice(0, point)}${Number(exponent) ? '.' : ''}${digits.slice(point)}`;
}

function leave(part, then) {
  part.remove();
  then.focus();
}
