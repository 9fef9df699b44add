/* Finds the sale that a receipt is of: what the camera sees, a photo, a scanner that types, or the number on the paper. */

import { api, at, say, t } from './shared/app.js';
import { SIZES, pixels } from './shared/reader.js';
import { scan } from './shared/scanner.js';
import { wedge } from './wedge.js';

const part = (name) => document.getElementById(name);

let isBusy = false;

async function take(text) {
  if (isBusy || !text.trim()) return;
  isBusy = true;
  refuse('');
  try {
    const { sale, left_minor: left } = await api('POST', '/api/receipts/opened', { text });
    location.assign(at(left ? `/sales/${sale}/refund` : `/sales/${sale}`));
  } catch (problem) {
    refuse(problem.message);
    isBusy = false;
  }
}

function refuse(sentence) {
  part('problem').hidden = !sentence;
  part('problem-text').textContent = sentence;
}

const scanner = scan(part('camera'), {
  onText: take,
  onProblem(problem) {
    part('finder').classList.add('blind');
    part('hint').textContent = problem.message;
  },
  onTorch: (hasTorch) => (part('torch').hidden = !hasTorch),
  onHint: () => say(t('scan.hint')),
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
  if (file && !seen) refuse(t('find.no_code'));
});
part('typed').addEventListener('submit', (event) => {
  event.preventDefault();
  take(part('text').value);
});
wedge(take);
window.addEventListener('pageshow', () => (isBusy = false));
