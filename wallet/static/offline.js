/* In the place of a page that cannot be had: back to it as soon as the service answers. */

import { at } from './shared/app.js';

const EVERY_MS = 4000;
const part = (name) => document.getElementById(name);

async function tryAgain() {
  if (document.hidden) return;
  const answer = await fetch(at('/healthz'), { cache: 'no-store' }).catch(() => null);
  if (answer?.ok) location.reload();
}

part('again').addEventListener('click', () => location.reload());
window.addEventListener('online', tryAgain);
setInterval(tryAgain, EVERY_MS);
