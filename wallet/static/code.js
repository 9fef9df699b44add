/* Pages that show a code: copy its text, keep the screen on, and give its picture to the launcher's frames. */

document.addEventListener('click', async ({ target }) => {
  const button = target.closest('[data-copy]');
  if (button) (await import('./copy.js')).copy(button.dataset.copy);
});

const stayAwake = () => document.hidden || navigator.wakeLock?.request('screen').catch(() => {});

document.addEventListener('visibilitychange', stayAwake);
stayAwake();
if (window.parent !== window) import('./shared/virtual-camera.js').then(({ answerPictures }) => answerPictures(), () => {});
