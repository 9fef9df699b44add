/* The drawer "What just happened" and the hints that lead. Both follow the ledger's own news and nothing else: a hint is
   ticked off when its thing has really happened, wherever it was done. */

import { say, t } from '/static/shared/app.js';

const ASK_EVERY_MS = 500;
const WHEN_SILENT_MS = 3000;
const KEPT = 60;
const SINCE = 'saoma-hints-since';

const part = (name) => document.getElementById(name);
const drawer = part('drawer');
const hints = [...document.querySelectorAll('[data-hint]')];
const language = document.documentElement.lang;

/** What stands out while a step of a hint is waited for. */
const POINTERS = {
  'pay 1': '[data-who=till] .device',
  'pay 2': '[data-point=ana][data-at=till]',
  'pay 3': '[data-who=ana] .device',
  'scan 1': '[data-point=ana][data-at=li]',
};

const kept = { get: () => Number(stored(() => localStorage.getItem(SINCE)) ?? 0), set: (seq) => stored(() => localStorage.setItem(SINCE, seq)) };
let seq = 0;
let wasLeading = false;
let since = kept.get();
let steps = {};

function stored(act) {
  try {
    return act();
  } catch {
    return null; // a browser that keeps nothing begins anew each time
  }
}

/** Ask what has happened since, show it, and ask again; nothing is asked while the page is hidden. */
async function follow() {
  let pause = ASK_EVERY_MS;
  if (!document.hidden) {
    try {
      const answer = await fetch(`/happened?after=${seq}`, { cache: 'no-store' });
      if (answer.ok) take(await answer.json());
      else pause = WHEN_SILENT_MS;
    } catch {
      pause = WHEN_SILENT_MS;
    }
  }
  setTimeout(follow, pause);
}

function take(told) {
  if (!seq && since > told.seq) kept.set((since = 0)); // the data has been begun anew
  seq = told.seq;
  if (!told.html.trim()) return;
  const list = part('happened');
  list.insertAdjacentHTML('afterbegin', told.html);
  while (list.children.length > KEPT) list.lastElementChild.remove();
  for (const time of list.querySelectorAll('time:empty')) time.textContent = clock(time.dateTime);
  part('drawer-empty').hidden = true;
  part('newest').textContent = told.newest;
  part('news').dataset.fresh = String(seq);
  for (const hint of told.hints) if (hint.seq > since && steps[hint.hint] !== 'done') steps[hint.hint] = hint.step;
  lead();
}

const clock = (at) => new Intl.DateTimeFormat(language, { timeStyle: 'medium' }).format(new Date(at));

/** Show each hint as it stands; the first that is not done is the current one, and what it needs stands out. */
function lead() {
  const current = hints.find(({ dataset }) => steps[dataset.hint] !== 'done');
  for (const hint of hints) {
    const isDone = steps[hint.dataset.hint] === 'done';
    const step = isDone ? 0 : (steps[hint.dataset.hint] ?? 1);
    hint.classList.toggle('done', isDone);
    hint.classList.toggle('current', hint === current);
    if (hint === current) hint.setAttribute('aria-current', 'step');
    else hint.removeAttribute('aria-current');
    for (const text of hint.querySelectorAll('[data-step]')) text.hidden = Number(text.dataset.step) !== step;
  }
  const wanted = current && POINTERS[`${current.dataset.hint} ${steps[current.dataset.hint] ?? 1}`];
  for (const lit of document.querySelectorAll('.lit')) if (!wanted || !lit.matches(wanted)) lit.classList.remove('lit');
  if (wanted) document.querySelector(wanted)?.classList.add('lit');
  if (!current && wasLeading) say(t('launcher.all_done')); // not to who comes back and had done it all
  wasLeading = Boolean(current);
}

function show(isOpen) {
  drawer.hidden = !isOpen;
  part('news').setAttribute('aria-expanded', String(isOpen));
  if (!isOpen) return part('news').focus({ preventScroll: true });
  const newest = drawer.querySelector('details');
  if (newest && !drawer.querySelector('details[open]')) newest.open = true;
  drawer.focus({ preventScroll: true });
}

document.addEventListener('click', async ({ target }) => {
  const opener = target.closest('[data-open]');
  if (opener) part(opener.dataset.open).showModal();
  if (target.closest('[data-close]') || target.matches('dialog')) target.closest('dialog').close();
  const json = target.closest('[data-copy-json]')?.parentElement.querySelector('script');
  if (json) await copy(JSON.stringify(JSON.parse(json.textContent), null, 2));
  const named = target.closest('[data-copy-text]')?.dataset.copyText;
  if (named) await copy(part(named).textContent);
});

async function copy(text) {
  await navigator.clipboard.writeText(text);
  say(t('launcher.copied'));
}

if (drawer) {
  part('news').addEventListener('click', () => show(drawer.hidden));
  part('drawer-close').addEventListener('click', () => show(false));
  document.addEventListener('keydown', ({ key }) => key === 'Escape' && !drawer.hidden && !document.querySelector('dialog[open]') && show(false));
  part('restart').addEventListener('click', () => {
    kept.set((since = seq));
    steps = {};
    lead();
  });
  lead();
  follow();
}
