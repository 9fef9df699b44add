/* Pages that show a code: copy its text, keep the screen on, and give its picture to the launcher. */

import { say, t } from './shared/app.js';
import { answerPictures } from './shared/virtual-camera.js';
import './times.js';

document.addEventListener('click', async ({ target }) => {
  const button = target.closest('[data-copy]');
  if (!button) return;
  say((await copied(button.dataset.copy)) ? t('copy.done') : t('copy.failed'));
});

/** Whether the text is in the clipboard now. A page that is not secure has only the old way. */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = Object.assign(document.createElement('textarea'), { value: text, readOnly: true, className: 'vh' });
    document.body.append(field);
    field.select();
    const isDone = document.execCommand('copy');
    field.remove();
    return isDone;
  }
}

const stayAwake = () => document.hidden || navigator.wakeLock?.request('screen').catch(() => {});

document.addEventListener('visibilitychange', stayAwake);
stayAwake();
answerPictures();
