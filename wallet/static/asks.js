/* Answering those who ask to be contacts: yes or no, on whichever page they are shown. */

import { api, busy, say, t } from './shared/app.js';
import { refresh } from './fresh.js';

const ANSWERS = {
  accept: (handle) => api('POST', `/api/contacts/${handle}/accept`, {}),
  decline: (handle) => api('DELETE', `/api/contacts/${handle}`),
};

/** Let the buttons of every request work, now and after each exchange; `ids` are the parts that an answer changes. */
export function takeAnswers(ids) {
  document.getElementById('waiting').addEventListener('click', async ({ target }) => {
    const button = target.closest('[data-accept], [data-decline]');
    if (!button) return;
    const { accept, decline } = button.dataset;
    try {
      await busy(button, () => (accept ? ANSWERS.accept(accept) : ANSWERS.decline(decline)));
      say(t(accept ? 'contacts.added' : 'contacts.declined'));
    } catch (problem) {
      say(problem.message, 0);
    }
    button.blur();
    await refresh(ids);
  });
}
