/* One dispute: the shop's answer with up to three pictures, or the money given back. */

import { api, busy, t } from './shared/app.js';
import { live } from './shared/live.js';
import { localTimes } from './times.js';

const LARGEST_SIDE = 1600;
const part = (name) => document.getElementById(name);
const { dispute, state, after, most } = part('dispute').dataset;
const chosen = [];

localTimes();
const names = ['answered', 'decided', 'withdrawn', 'refunded'].map((name) => `dispute.${name}`);
live('/events', { on: Object.fromEntries(names.map((name) => [name, look])), after: Number(after) });

function look(news) {
  if (news.dispute === dispute && news.state !== state) location.reload();
}

/** A picture as a JPEG that is large enough to read, so that a phone's photo is quick to send; null for what is none. */
async function smaller(file) {
  try {
    const drawn = await createImageBitmap(file);
    const scale = Math.min(1, LARGEST_SIDE / Math.max(drawn.width, drawn.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(drawn.width * scale));
    canvas.height = Math.max(1, Math.round(drawn.height * scale));
    const pen = canvas.getContext('2d');
    pen.fillStyle = '#fff'; // where a drawing is see-through
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(drawn, 0, 0, canvas.width, canvas.height);
    return canvas.toDataURL('image/jpeg', 0.85);
  } catch {
    return null;
  }
}

function show() {
  part('shown').replaceChildren(
    ...chosen.map((source, index) => {
      const item = document.createElement('li');
      const image = Object.assign(document.createElement('img'), { src: source, alt: '' });
      const button = Object.assign(document.createElement('button'), { type: 'button', className: 'btn round', textContent: '×' });
      button.setAttribute('aria-label', t('dispute.take_away', { number: index + 1 }));
      button.addEventListener('click', () => {
        chosen.splice(index, 1);
        show();
        part('files').focus();
      });
      item.append(image, button);
      return item;
    }),
  );
}

part('files')?.addEventListener('change', take);
if (part('files')?.files.length) take(); // chosen before this script had come

async function take() {
  const files = [...part('files').files];
  part('files').value = '';
  part('problem').textContent = '';
  for (const file of files) {
    if (chosen.length >= Number(most)) return (part('problem').textContent = t('dispute.most_pictures', { most }));
    const source = await smaller(file);
    if (source) chosen.push(source);
    else part('problem').textContent = t('dispute.no_picture');
    show();
  }
  return undefined;
}

part('words')?.addEventListener('input', () => {
  part('words').removeAttribute('aria-invalid');
  part('problem').textContent = '';
});

part('answer')?.addEventListener('submit', (event) => {
  event.preventDefault();
  const words = part('words').value.trim();
  part('words').setAttribute('aria-invalid', String(!words));
  part('problem').textContent = words ? '' : t('dispute.need_words');
  if (!words) return part('words').focus();
  const pictures = chosen.map((source) => source.split(',')[1]);
  return busy(part('send'), () => send('answer', { words, pictures }, part('problem')));
});

part('give-back')?.addEventListener('click', () => part('sure').showModal());
part('sure-yes')?.addEventListener('click', () =>
  busy(part('sure-yes'), () => send('accept', {}, part('sure').querySelector('[role=alert]'))),
);

async function send(act, body, problem) {
  try {
    await api('POST', `/api/disputes/${dispute}/${act}`, body);
    location.reload();
  } catch ({ message }) {
    problem.textContent = message;
  }
}
