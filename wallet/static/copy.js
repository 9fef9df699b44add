/* Copying a text. A page that is not secure has only the old way. */

import { say, t } from './shared/app.js';

/** Put `text` into the clipboard, and say whether that worked. */
export async function copy(text) {
  const isDone = await navigator.clipboard?.writeText(text).then(() => true, () => false);
  say(t(isDone || selected(text) ? 'copy.done' : 'copy.failed'));
}

function selected(text) {
  const field = Object.assign(document.createElement('textarea'), { value: text, readOnly: true, className: 'vh' });
  document.body.append(field);
  field.select();
  const isDone = document.execCommand('copy');
  field.remove();
  return isDone;
}
