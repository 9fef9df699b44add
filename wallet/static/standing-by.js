/* What every page of the wallet does beside its own work: keep what must be known offline, have the worker stand by, say
   when the service is out of reach or has a newer version, and show what a shop asks of this phone. */

import { at, money, say } from './shared/app.js';
import { hearToo, live } from './shared/live.js';
import { facts } from './facts.js';
import { keepKnown } from './known.js';

const PROBE_MS = 3000;
const DOUBT_MS = 400;
const OWN_WAY = ['/confirm/', '/pay-code', '/paid/'];
const part = (name) => document.getElementById(name);

/** Have a sentence read out without showing it again. */
function announce(text) {
  part('status').classList.add('vh');
  say(text, 2);
  setTimeout(() => part('status').classList.remove('vh'), 2000);
}

/* The service is out of reach, and within reach again. */

let isCut = false;

async function cut() {
  if (isCut || !part('offline')) return;
  isCut = true;
  part('offline').hidden = false;
  announce(part('offline').querySelector('p').textContent);
  while (isCut) {
    await new Promise((done) => setTimeout(done, PROBE_MS));
    if (!document.hidden) await probe();
  }
}

const answers = async () => Boolean((await fetch(at('/healthz'), { cache: 'no-store' }).catch(() => null))?.ok);

/** One request had no answer: a page that is being left fails too, and is gone before this is said. */
async function doubt() {
  await new Promise((done) => setTimeout(done, DOUBT_MS));
  if (!(await answers())) cut();
}

async function probe() {
  if (!(await answers()) || !isCut) return;
  isCut = false;
  part('offline').hidden = true;
  announce(part('offline').dataset.back);
}

window.addEventListener('offline', cut);
window.addEventListener('unreachable', doubt);
window.addEventListener('online', probe);
if (navigator.onLine === false || facts.is_shell) cut();

/* The worker. */

async function register() {
  const worker = await navigator.serviceWorker.register(at('/sw.js'), { scope: at('/'), updateViaCache: 'none' });
  const offer = () => worker.waiting && navigator.serviceWorker.controller && offerUpdate(worker);
  worker.addEventListener('updatefound', () => worker.installing?.addEventListener('statechange', offer));
  offer();
  return worker;
}

/** In another language than before, the pages that are kept are fetched anew. */
function speakAnew(before) {
  if (before && before.language !== document.documentElement.lang) navigator.serviceWorker?.controller?.postMessage('fill again');
}

function offerUpdate(worker) {
  part('update').hidden = false;
  announce(part('update-text').textContent);
  part('update-now').onclick = () => {
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
    worker.waiting?.postMessage('take over');
  };
}

/* What a shop asks. */

async function lookForAsked() {
  const answer = await fetch(at('/api/confirmations'), { headers: { Accept: 'application/json' }, cache: 'no-store' });
  if (!answer.ok) return;
  const [asked] = (await answer.json()).data;
  part('asked').hidden = !asked;
  if (!asked) return;
  const { shop, amount_minor, currency, intent } = asked;
  const words = { name: shop.display_name, amount: money(amount_minor, currency) };
  const text = JSON.parse(part('asked-words').textContent).replace(/\{(\w+)\}/g, (_, name) => words[name]);
  part('asked-text').textContent = text;
  part('asked').href = at(`/confirm/${intent}`);
  announce(text);
}

function watchForAsked() {
  const path = location.pathname.slice(at('').length);
  if (path === '/' || OWN_WAY.some((way) => path.startsWith(way))) return;
  const look = () => lookForAsked().catch(() => {});
  const on = { 'intent.confirmation_required': look, 'intent.declined': look, 'intent.canceled': look, 'intent.expired': look };
  if (!hearToo(on)) live('/events', { on: {}, after: facts.after });
  look();
}

if (part('install') && navigator.serviceWorker) import('./install.js').then(({ offerInstall }) => offerInstall(), () => {});
if (facts.kid && !('leaving' in document.documentElement.dataset)) {
  keepKnown().then(speakAnew, () => {}); // a browser that keeps nothing has no page for being offline
  if (navigator.serviceWorker) register().catch(() => {}); // refused where the certificate was only clicked away
  watchForAsked();
}
