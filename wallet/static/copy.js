/* Copying a text, and saying so. */

import { say, t } from './shared/app.js';
import { copied } from './shared/copying.js';

/** Put `text` into the clipboard, and say whether that worked. */
export async function copy(text) {
  say(t((await copied(text)) ? 'copy.done' : 'copy.failed'));
}
