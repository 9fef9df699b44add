/* What stands by on every page: it may wait until the page itself is there. The browser's offer to install cannot. */

addEventListener('beforeinstallprompt', (offer) => {
  offer.preventDefault();
  globalThis.saomaInstall = offer;
});
addEventListener('load', () => setTimeout(() => import('./standing-by.js').catch(() => {}), 500));
