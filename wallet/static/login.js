/* Signing this browser in by a phone. The code only names the request; what comes in is this browser, by a cookie that no
   script can read. A code lives two minutes and is drawn anew a few times, while the page is looked at. */

import { api, say, t } from './shared/app.js';
import './code.js';
import { newCard } from './enroll.js';
import { go } from './facts.js';

const ASK_MS = 1500;
const MOST_CODES = 5;
const part = (name) => document.getElementById(name);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Show a code until it is used or refused, and a few new ones in its place when nobody scans it. */
async function run() {
  part('again').hidden = true;
  try {
    for (let codes = 0; codes < MOST_CODES; codes += 1) {
      await draw();
      const { state, ...person } = await answer();
      if (state === 'approved') return await enter(person);
      if (state === 'refused') return end('login.refused');
    }
    return end('login.idle');
  } catch (problem) {
    return end(null, problem.message);
  }
}

async function draw() {
  const { svg, login } = await api('POST', '/api/logins', {});
  part('drawing').innerHTML = svg;
  part('code').dataset.login = login;
  part('code').classList.remove('stale');
  tell(t('login.waiting'));
}

/** How the request ends, once it has; `gone` when nobody scanned the code in time. */
async function answer() {
  for (;;) {
    await pause(ASK_MS);
    if (document.hidden) continue;
    const found = await api('GET', '/api/logins/state').catch((problem) => {
      if (!problem.isUnknown) throw problem;
      return { state: 'waiting' }; // no answer: ask again
    });
    if (found.state === 'scanned') {
      part('code').classList.add('stale');
      tell(t('login.scanned', { name: found.display_name }));
    } else if (found.state !== 'waiting') return found;
  }
}

async function enter(person) {
  tell(t('login.entering', { name: person.display_name }));
  await api('POST', '/api/logins/enter', { card: await newCard(person) });
  go('/', true);
}

function end(key, text = t(key)) {
  part('code').classList.add('stale');
  part('again').hidden = false;
  tell(text);
}

function tell(text) {
  if (part('state').textContent === text) return;
  part('state').textContent = text;
  say(text);
}

part('again').addEventListener('click', run);
run();
