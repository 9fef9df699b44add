/* Copying a text. A page that is not secure has only the old way. */

/** Put `text` into the clipboard; whether that worked. */
export async function copied(text) {
  const isDone = await navigator.clipboard?.writeText(text).then(() => true, () => false);
  return isDone || selected(text);
}

/** A sheet that is open lets nothing be selected outside of it. */
function selected(text) {
  const field = Object.assign(document.createElement('textarea'), { value: text, readOnly: true, className: 'vh' });
  (document.querySelector('dialog[open]') ?? document.body).append(field);
  field.select();
  const isDone = document.execCommand('copy');
  field.remove();
  return isDone;
}
