/* A sheet of items: looked through first, kept when somebody has seen what it would do. */

import { at, busy, say, t } from './shared/app.js';
import { upload } from './upload.js';

const input = document.getElementById('file');
const found = document.getElementById('found');
const problem = document.getElementById('problem');
const go = document.getElementById('go');
let file = null;

input.addEventListener('change', async () => {
  [file] = input.files;
  input.value = '';
  if (!file) return;
  document.getElementById('file-name').textContent = file.name;
  await attempt(document.querySelector('label[for=file]'), async () => show(await upload('/api/items/sheet/check', file)));
  found.focus();
});
go.addEventListener('click', () =>
  attempt(go, async () => {
    await upload('/api/items/sheet', file);
    say(t('sheet.done'));
    location.assign(at('/items'));
  }),
);

function show(plan) {
  for (const name of ['added', 'changed', 'same']) document.getElementById(name).textContent = plan[name];
  document.getElementById('counts').hidden = false;
  const wanted = plan.added + plan.changed;
  complain(plan.faults ? t('sheet.faults', { count: plan.faults }) : wanted ? '' : t('sheet.nothing'));
  const rows = plan.first_faults.map((fault) => Object.assign(document.createElement('li'), { textContent: t('sheet.line', { line: fault.line, why: fault.detail }) }));
  document.getElementById('faults').replaceChildren(...rows);
  go.hidden = plan.faults > 0 || wanted === 0;
  go.textContent = t('sheet.go', { count: wanted });
}

async function attempt(button, work) {
  complain('');
  found.hidden = false;
  try {
    await busy(button, work);
  } catch (refusal) {
    document.getElementById('counts').hidden = true;
    document.getElementById('faults').replaceChildren();
    go.hidden = true;
    complain(refusal.message);
  }
}

function complain(sentence) {
  problem.hidden = !sentence;
  problem.querySelector('p').textContent = sentence;
}
