/* A receipt: share its proof, print it, copy it. */

import './code.js';

const share = document.getElementById('share');
const { copy } = document.querySelector('[data-copy]').dataset;

share.addEventListener('click', async () => {
  const what = { title: document.title, text: share.dataset.text, url: copy };
  try {
    await navigator.share(what);
  } catch (problem) {
    if (problem.name !== 'AbortError') (await import('./copy.js')).copy(`${what.text} ${what.url}`);
  }
});
document.getElementById('print').addEventListener('click', () => window.print());
