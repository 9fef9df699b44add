/* The hint that the wallet can stand on the home screen: a button where the browser asks, words where it does not. */

const part = (name) => document.getElementById(name);

/** Show the hint, unless the wallet runs as an app already. */
export function offerInstall() {
  if (matchMedia('(display-mode: standalone)').matches || navigator.standalone) return;
  const show = () => {
    const offer = globalThis.saomaInstall;
    part('install').hidden = false;
    part('install-now').hidden = !offer;
    part('install-apple').hidden = Boolean(offer) || !('standalone' in navigator);
    part('install-menu').hidden = Boolean(offer) || 'standalone' in navigator;
  };
  part('install-now').addEventListener('click', async () => {
    const offer = globalThis.saomaInstall;
    offer.prompt();
    const { outcome } = await offer.userChoice;
    globalThis.saomaInstall = null;
    if (outcome === 'accepted') part('install').hidden = true;
    else show();
  });
  window.addEventListener('beforeinstallprompt', show);
  show();
}
