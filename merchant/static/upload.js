/* Sending a file as it is; what comes back, and what is thrown, is as with `api`. */

import { Problem, at, t } from './shared/app.js';

export async function upload(path, file) {
  const headers = {
    Accept: 'application/json',
    'Content-Type': 'application/octet-stream',
    'X-CSRF-Token': document.querySelector('meta[name="csrf-token"]').content,
  };
  let answer;
  try {
    answer = await fetch(at(path), { method: 'POST', credentials: 'same-origin', cache: 'no-store', headers, body: file });
  } catch {
    throw new Problem('offline', t('error.offline'));
  }
  const value = await answer.json().catch(() => null);
  if (answer.ok && value) return value;
  throw new Problem(value?.code ?? 'unreadable_answer', value?.detail ?? t('error.unreadable_answer'), answer.status, value ?? {});
}
