/* The checkout the other way round: the customer's phone shows a pay code, and the till reads it by its camera, from a
   photo, typed, or by a scanner that types. The same code for the same sale is taken once, so it can be sent again. */

import { api, busy, say, t } from './shared/app.js';
import { keptCode } from './presented.js';
import { wedge } from './wedge.js';

const AGAIN_MS = 2000;

const part = (name) => document.getElementById(name);
const ways = [...document.querySelectorAll('[data-way]')];

/**
 * Make the two ways work. `isOpen()`: whether the sale can still be paid; `onAnswer(sale)`: what became of a code.
 * Returns {rest()}, which closes the camera when the sale is not open any more.
 */
export function customerCodes(path, { isOpen, onAnswer }) {
  let scanner = null;
  let opening = null;

  async function take(text) {
    if (part('take').disabled || !text.trim()) return;
    if (!isOpen()) {
      part('status').classList.remove('shown');
      say(t('present.too_late'));
      return;
    }
    refuse('');
    try {
      onAnswer(await busy(part('take'), () => charged(text)));
      part('payer-code').value = '';
    } catch (problem) {
      refuse(problem.message);
    }
  }

  /** What became of the code. While nobody answers, the same code is sent again: it may have been taken already. */
  async function charged(text) {
    for (;;) {
      try {
        return await api('POST', `${path}/present`, { code: text });
      } catch (problem) {
        if (!problem.isUnknown || !isOpen()) throw problem;
        refuse(t('present.unknown'));
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    }
  }

  function choose(way) {
    part('checkout').dataset.way = way;
    for (const button of ways) button.setAttribute('aria-pressed', String(button.dataset.way === way));
    part('ours').hidden = way !== 'show';
    part('theirs').hidden = way !== 'scan';
    if (way === 'scan') wake();
    else rest();
  }

  async function wake() {
    opening ??= open(take);
    scanner = await opening;
    if (part('theirs').hidden || !isOpen()) scanner.pause();
    else scanner.resume();
  }

  const rest = () => scanner?.pause();

  for (const button of ways) button.addEventListener('click', () => choose(button.dataset.way));
  part('ways').inert = false;
  part('typed').addEventListener('submit', (event) => {
    event.preventDefault();
    take(part('payer-code').value);
  });
  wedge(take, { isPatient: true });
  const kept = keptCode();
  if (kept) take(kept);
  return { rest };
}

/** The camera, with its torch, and a photo in its place; both read by the shared scanner, loaded when first asked for. */
async function open(take) {
  const [{ scan }, { pixels, SIZES }] = await Promise.all([import('./shared/scanner.js'), import('./shared/reader.js')]);
  const scanner = scan(part('camera'), {
    onText: take,
    onProblem(problem) {
      part('finder').classList.add('blind');
      refuse(problem.message);
    },
    onTorch: (hasTorch) => {
      part('finder').classList.remove('blind');
      part('torch').hidden = !hasTorch;
    },
  });
  part('torch').addEventListener('click', async () => {
    const isOn = await scanner.torch(part('torch').getAttribute('aria-pressed') !== 'true');
    part('torch').setAttribute('aria-pressed', String(isOn));
  });
  part('photo').addEventListener('change', async ({ target }) => {
    const [file] = target.files;
    target.value = '';
    const picture = file && (await createImageBitmap(file).catch(() => null));
    const seen = picture && (await scanner.feed(pixels(picture, picture.width, picture.height, SIZES[0])));
    if (file && !seen) refuse(t('present.no_code'));
  });
  return scanner;
}

function refuse(sentence) {
  part('present-problem').hidden = !sentence;
  part('present-text').textContent = sentence;
  if (sentence) {
    part('status').classList.add('shown'); // the notice shows it; this is for those who listen
    say(sentence);
  }
}
