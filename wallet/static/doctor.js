/* What this phone can do: each check tries the thing itself, says what it found, and shows the one way that helps. */

import { api, at, say, t } from './shared/app.js';
import { forgetKey, hasSecureKeys, makeKey } from './shared/keys.js';
import { copy } from './copy.js';

const TOLERATED_S = 60; // codes allow five minutes
const SLOW_MS = 400;
const PROBE = '!doctor'; // no persona has such a name
const ICONS = { ok: ['circle-check', 'good'], part: ['info', ''], bad: ['circle-x', 'bad'] };

const finding = (state, key, way = '', params = {}) => ({ state, text: t(key, params), way });

async function secure() {
  return isSecureContext ? finding('ok', 'doctor.secure_ok') : finding('bad', 'doctor.secure_bad', 'go');
}

const REFUSALS = { NotAllowedError: 'refused', NotFoundError: 'none', OverconstrainedError: 'none' };

async function camera() {
  const { mediaDevices, permissions } = navigator;
  if (!mediaDevices?.getUserMedia) return finding('bad', 'doctor.camera_plain', 'photo');
  const allowed = await permissions?.query({ name: 'camera' }).then(({ state }) => state, () => 'prompt');
  if (allowed === 'granted') return triedCamera();
  if (allowed === 'denied') return finding('bad', 'scan.camera_refused', 'photo');
  const devices = await mediaDevices.enumerateDevices();
  const hasOne = devices.some(({ kind }) => kind === 'videoinput');
  return hasOne ? finding('part', 'doctor.camera_try', 'try') : finding('bad', 'scan.camera_none', 'photo');
}

async function triedCamera() {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
    for (const track of stream.getTracks()) track.stop();
    return finding('ok', 'doctor.camera_ok');
  } catch (cause) {
    return finding('bad', `scan.camera_${REFUSALS[cause.name] ?? 'busy'}`, 'photo');
  }
}

async function keys() {
  if (!hasSecureKeys()) return finding('bad', 'doctor.keys_plain', 'trust');
  try {
    const key = await makeKey(PROBE);
    await key.sign(new Uint8Array(1));
    await forgetKey(PROBE);
    return finding('ok', 'doctor.keys_ok');
  } catch {
    return finding('bad', 'doctor.keys_bad');
  }
}

async function offline() {
  const { serviceWorker } = navigator;
  if (!serviceWorker) return isSecureContext ? finding('bad', 'doctor.offline_bad') : finding('bad', 'doctor.offline_plain', 'trust');
  const known = await serviceWorker.getRegistration(at('/'));
  if (known?.active) return finding('ok', 'doctor.offline_ok');
  try {
    await serviceWorker.register(at('/sw.js'), { scope: at('/') });
    return finding('part', 'doctor.offline_later', 'home');
  } catch (cause) {
    const isDistrusted = cause.name === 'SecurityError' && location.protocol === 'https:';
    return isDistrusted ? finding('bad', 'doctor.offline_untrusted', 'trust') : finding('bad', 'doctor.offline_bad');
  }
}

let offered = null;
addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault();
  offered = event;
  report('install');
});

async function install() {
  const isInstalled = matchMedia('(display-mode: standalone)').matches || navigator.standalone === true;
  if (isInstalled) return finding('ok', 'doctor.install_ok');
  if (offered) return finding('part', 'doctor.install_add', 'add');
  return finding('part', 'standalone' in navigator ? 'doctor.install_ios' : 'doctor.install_menu');
}

/** Five questions to the service: how long an answer takes, and how far this clock is from its. */
async function asked() {
  const answers = [];
  for (let count = 0; count < 5; count += 1) {
    const begun = Date.now();
    const from = performance.now();
    const { now_ms: now } = await api('GET', '/api/now');
    const took = performance.now() - from;
    answers.push({ took, ahead: begun + took / 2 - now });
  }
  return answers.sort((one, other) => one.took - other.took);
}

let answers = null;

async function clock() {
  const ahead = Math.round((await answers)[0].ahead / 1000);
  if (Math.abs(ahead) <= TOLERATED_S) return finding('ok', 'doctor.clock_ok', '', { seconds: Math.abs(ahead) });
  const minutes = Math.round(Math.abs(ahead) / 60);
  return finding('bad', ahead > 0 ? 'doctor.clock_ahead' : 'doctor.clock_behind', 'again', { minutes });
}

async function network() {
  const milliseconds = Math.max(1, Math.round((await answers)[2].took));
  if (milliseconds <= SLOW_MS) return finding('ok', 'doctor.network_ok', '', { milliseconds });
  return finding('part', 'doctor.network_slow', 'again', { milliseconds });
}

const CHECKS = { secure, camera, keys, offline, install, clock, network };

/** Carry out one check and show what it found. */
async function report(name, check = CHECKS[name]) {
  const found = await check().catch(() => finding('bad', 'doctor.no_answer', 'again'));
  const row = document.getElementById(`check-${name}`);
  row.dataset.state = found.state;
  row.querySelector('.said').textContent = found.text;
  const [mark, tone] = ICONS[found.state];
  row.querySelector('.mark').className = `mark ${tone}`;
  row.querySelector('use').setAttribute('href', `${row.parentElement.dataset.sprite}#${mark}`);
  for (const way of row.querySelectorAll('[data-way]')) way.hidden = way.dataset.way !== found.way;
}

async function examine() {
  answers = asked();
  answers.catch(() => {});
  await Promise.all(Object.keys(CHECKS).map((name) => report(name)));
  const good = document.querySelectorAll('#checks [data-state=ok]').length;
  const summary = t('doctor.summary', { good, all: Object.keys(CHECKS).length });
  document.getElementById('summary').textContent = summary;
  document.getElementById('copy').hidden = false;
  say(summary);
}

/** All of it as text, for whoever is asked for help. */
function told() {
  const rows = [...document.querySelectorAll('#checks > li')];
  const lines = rows.map((row) => `[${row.dataset.state}] ${row.querySelector('.name').textContent}: ${row.querySelector('.said').textContent}`);
  return [`Saoma · ${t('doctor.title')}`, new Date().toISOString(), location.href, navigator.userAgent, ...lines].join('\n');
}

document.getElementById('checks').addEventListener('click', async ({ target }) => {
  const way = target.closest('button')?.dataset.way;
  if (way === 'try') await report('camera', triedCamera);
  if (way === 'again') await examine();
  if (way !== 'add') return;
  await offered.prompt();
  offered = null;
  await report('install');
});
document.getElementById('copy').addEventListener('click', () => {
  document.body.classList.remove('hushed'); // the findings stand on the page; that it was copied stands nowhere else
  copy(told());
});

examine();
