/* The scanner's page. A code of ours opens its own page; any other one is named for what it is, and scanning goes on. */

import { api, at, Problem, say, t } from './shared/app.js';
import { scan } from './shared/scanner.js';
import { isFramed, virtualFrames } from './shared/virtual-camera.js';
import { go } from './facts.js';

const OURS = /\/(q#[0-9]+|l#[\w-]{22})$/; // a code, or a browser's wish to be signed in
const part = (name) => document.getElementById(name);

let isBusy = false;

/** Open the page of a code of ours; of any other text, show what the service says it is. */
async function take(text) {
  const ours = OURS.exec(text.trim());
  if (ours) return go(`/${ours[1]}`);
  if (isBusy) return undefined;
  isBusy = true;
  try {
    const { text: code } = await api('POST', '/api/scan', { text });
    return go(`/${OURS.exec(code)[1]}`);
  } catch (problem) {
    return show(problem);
  } finally {
    isBusy = false;
  }
}

function show(problem) {
  part('hint').textContent = t('scan.what');
  part('problem').hidden = false;
  part('problem-text').textContent = problem.message;
  say(problem.message);
}

const scanner = scan(part('camera'), {
  onText: take,
  onProblem(problem) {
    part('finder').classList.add('blind');
    if (isFramed) part('hint').textContent = t('scan.framed');
    else show(problem);
  },
  onTorch: (hasTorch) => (part('torch').hidden = !hasTorch),
  onHint: () => (part('hint').textContent = t('scan.hint')),
});
virtualFrames((image) => scanner.feed(image));

part('torch').addEventListener('click', async () => {
  const isOn = await scanner.torch(part('torch').getAttribute('aria-pressed') !== 'true');
  part('torch').setAttribute('aria-pressed', String(isOn));
});

part('paste').addEventListener('submit', (event) => {
  event.preventDefault();
  if (part('text').value.trim()) take(part('text').value);
});

part('photo').addEventListener('change', async ({ target }) => {
  const [file] = target.files;
  target.value = '';
  if (!file) return;
  part('hint').textContent = t('scan.reading');
  say(t('scan.reading'));
  try {
    const { text } = await sent(file);
    await take(text);
  } catch (problem) {
    show(problem);
  }
});

/** Have the service read a photo. */
async function sent(file) {
  const body = new FormData();
  body.append('image', file);
  const token = document.querySelector('meta[name="csrf-token"]').content;
  const headers = { Accept: 'application/json', 'X-CSRF-Token': token };
  const answer = await fetch(at('/api/scan/image'), { method: 'POST', body, headers }).catch(() => null);
  const value = await answer?.json().catch(() => null);
  if (answer?.ok && value) return value;
  throw new Problem(value?.code ?? 'offline', value?.detail ?? t('error.offline'), answer?.status ?? 0, value ?? {});
}
