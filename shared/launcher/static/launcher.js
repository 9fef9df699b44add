/* The launcher's page: fits the frames to the window, and holds one frame's code before another frame's camera. */

import { say, t } from '/static/shared/app.js';

const ANSWER_MS = 400;
const ASKED_AT_MOST = 10; // a page that is still loading does not hear the first question
const SCANNING_MS = 15000;
const PHONE = { width: 390, height: 760 };
const TILL_WIDTH = 900;

const frames = new Map(
  [...document.querySelectorAll('[data-who]')].map((place) => [
    place.dataset.who,
    { place, frame: place.querySelector('iframe'), screen: place.querySelector('.screen'), home: place.dataset.home },
  ]),
);

const isWide = window.matchMedia('(min-width: 60rem)');

/** Load the frames when there is room for them; on a narrow screen the page is a choice of links instead. */
function open() {
  if (!isWide.matches) return;
  for (const { frame } of frames.values()) {
    if (!frame.src) frame.src = frame.dataset.src;
  }
  fit();
}

/** Every frame keeps the size it was designed for and is scaled to the room that its screen has. */
function fit() {
  for (const { place, frame, screen } of frames.values()) {
    const { clientWidth: width, clientHeight: height } = screen;
    if (!width) continue;
    const isPhone = place.classList.contains('phone');
    const scale = isPhone ? width / PHONE.width : Math.min(1, width / TILL_WIDTH);
    frame.style.width = `${width / scale}px`;
    frame.style.height = `${height / scale}px`;
    frame.style.transform = `scale(${scale})`;
  }
}

/** Hold the code that `shower` shows before the camera of `phone`. */
async function point(phone, shower) {
  const id = crypto.randomUUID?.() ?? String(Math.random());
  const image = await pictureOf(shower, id);
  if (!(image instanceof ImageData)) return say(t(`launcher.no_code_${shower === frames.get('till') ? 'till' : 'phone'}`));
  say(t('launcher.pointing'));
  const isScanning = (data) => data.saoma === 'scanning';
  let ready = reply(phone, isScanning, 400);
  tell(phone, { saoma: 'scan!', id });
  if (!(await ready)) {
    ready = reply(phone, isScanning, SCANNING_MS);
    phone.frame.src = `${phone.home}/scan`;
    if (!(await ready)) return say(t('launcher.no_scanner'));
  }
  tell(phone, { saoma: 'frame', image });
  say(t('launcher.pointed'), 2);
}

/** The picture of the code that a frame shows; null when it shows none, undefined when it never answers. */
async function pictureOf(shower, id) {
  for (let asked = 0; asked < ASKED_AT_MOST; asked += 1) {
    const seen = reply(shower, (data) => data.saoma === 'picture' && data.id === id, ANSWER_MS);
    tell(shower, { saoma: 'picture?', id });
    const answer = await seen;
    if (answer) return answer.image;
  }
}

const originOf = (home) => new URL(home).origin;

function tell({ frame, home }, message) {
  frame.contentWindow.postMessage(message, originOf(home));
}

/** The next message of this frame that fits, or null when it does not come in time. */
function reply({ frame, home }, fits, withinMs) {
  return new Promise((resolve) => {
    const done = new AbortController();
    const settle = (value) => {
      done.abort();
      resolve(value);
    };
    setTimeout(settle, withinMs, null);
    window.addEventListener(
      'message',
      ({ origin, source, data }) => {
        if (source === frame.contentWindow && origin === originOf(home) && data && fits(data)) settle(data);
      },
      { signal: done.signal },
    );
  });
}

document.addEventListener('click', ({ target }) => {
  const button = target.closest('[data-point]');
  if (!button) return;
  button.disabled = true;
  point(frames.get(button.dataset.point), frames.get(button.dataset.at)).finally(() => (button.disabled = false));
});
isWide.addEventListener('change', open);
new ResizeObserver(fit).observe(document.querySelector('.stage') ?? document.body);
open();
