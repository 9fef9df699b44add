/* The wallet without the network. wallet/offline/shell.py puts the constants before this text: VERSION, the hash of all
   that is kept; SCOPE, the prefix; SHELLS, the pages that work alone, by the page they stand for; OFFLINE, the page for all
   others; FILES, what they load.

   A page always comes from the service where one answers, and so do files: nothing old is shown as if it were new. No
   answer of the service is ever kept, only shells, and they hold nobody's name and no balance. */

const NAME = `saoma ${SCOPE} `;
const CACHE = NAME + VERSION;
const SHELL_AFTER_MS = 2500; // a bad network must not keep a pay code from the till
const OFFLINE_AFTER_MS = 12000;

const served = new Set(); // clients whose page came from the shell: their files must be of the same version

addEventListener('install', (event) => event.waitUntil(fill()));

addEventListener('activate', (event) => event.waitUntil(takeOver()));

addEventListener('message', (event) => {
  if (event.data === 'take over') skipWaiting();
  if (event.data === 'fill again') event.waitUntil(fill().catch(() => {}));
});

addEventListener('fetch', (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== 'GET' || origin !== location.origin || !isMine(pathname)) return;
  if (mode === 'navigate') event.respondWith(page(event, pathname));
  else if (FILES.includes(pathname)) event.respondWith(file(event, pathname));
});

async function fill() {
  const cache = await caches.open(CACHE);
  const pages = [OFFLINE, ...Object.values(SHELLS)];
  await cache.addAll([...pages, ...FILES].map((path) => new Request(path, { cache: 'no-cache' })));
}

async function takeOver() {
  const old = (await caches.keys()).filter((name) => name.startsWith(NAME) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await registration.navigationPreload?.enable();
  await clients.claim();
}

/** Whether a path is this wallet's: one without a prefix has a scope that other wallets of this address lie in. */
function isMine(path) {
  return path.startsWith(SCOPE) && (SCOPE !== '/' || !/^\/w\/[a-z0-9-]+(\/|$)/.test(path));
}

async function page(event, path) {
  const shell = SHELLS[path];
  const asked = answer(event);
  event.waitUntil(asked.catch(() => {}));
  try {
    const found = await Promise.race([asked, silence(shell ? SHELL_AFTER_MS : OFFLINE_AFTER_MS)]);
    if (shell && found.status >= 500) throw new TypeError('the service is broken');
    return found;
  } catch {
    served.add(event.resultingClientId);
    return (await kept(shell ?? OFFLINE)) ?? Response.error();
  }
}

async function answer(event) {
  return (await event.preloadResponse) ?? fetch(event.request);
}

function silence(ms) {
  return new Promise((_, give) => setTimeout(() => give(new TypeError('nobody answers')), ms));
}

async function file(event, path) {
  const mine = served.has(event.clientId) ? await kept(path) : null;
  return mine ?? fetch(event.request).catch(async () => (await kept(path)) ?? Response.error());
}

async function kept(path) {
  return (await caches.open(CACHE)).match(path);
}
