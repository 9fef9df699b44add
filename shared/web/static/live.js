/* Live news: one event stream per page that survives sleep, lost networks, restarts and refusals.

   The server numbers its events, so the page always knows what it has heard: a new stream asks for everything `after`
   that number and an event that comes twice is dropped. While the page is hidden it holds no connection. A test's clock
   moves every open page's. */

import { at } from './app.js';

const BACK_OFF_S = [1, 2, 4, 8, 15, 30];
const POLL_MS = 2000;

const everywhere = { 'clock.advanced': ({ by_ms: detail }) => dispatchEvent(new CustomEvent('clock-advanced', { detail })) };
const links = new Set();

/**
 * Listen to `path`.
 *
 * `on`: what to do by event name, called with (body, seq); `after`: the last seq that the page already shows;
 * `poll`: called every two seconds while no stream can be had; `onState`: told 'live' or 'waiting'.
 * Returns `close()`.
 */
export function live(path, { on, after = 0, poll = null, onState = () => {} }) {
  const link = new Link(path, on, after, poll, onState);
  link.open();
  return () => link.end();
}

/** Act on these events too, on whatever stream this page has; false when it has none. */
export function hearToo(on) {
  Object.assign(everywhere, on);
  links.forEach((link) => link.source && link.attend(Object.keys(on)));
  return links.size > 0;
}

class Link {
  constructor(path, on, after, poll, onState) {
    Object.assign(this, { path, on, after, poll, onState, failures: 0, source: null, retry: 0, polling: 0, state: '' });
    this.listening = new AbortController();
    this.attended = new Set();
    links.add(this);
    const listen = (target, name, act) => target.addEventListener(name, act, { signal: this.listening.signal });
    listen(document, 'visibilitychange', () => (document.hidden ? this.pause() : this.open()));
    listen(window, 'pagehide', () => this.pause());
    listen(window, 'pageshow', () => this.open());
    listen(window, 'online', () => this.reopen());
  }

  open() {
    if (this.source || document.hidden || this.listening.signal.aborted) return;
    clearTimeout(this.retry);
    const source = new EventSource(at(this.path) + (this.path.includes('?') ? '&' : '?') + `after=${this.after}`);
    this.source = source;
    source.onopen = () => this.connected();
    source.onerror = () => this.failed(source);
    this.attended.clear();
    this.attend(Object.keys({ ...this.on, ...everywhere }));
  }

  attend(names) {
    for (const name of names.filter((each) => !this.attended.has(each))) {
      this.attended.add(name);
      this.source.addEventListener(name, (event) => this.hear(name, event));
    }
  }

  hear(name, event) {
    const seq = Number(event.lastEventId);
    if (seq && seq <= this.after) return;
    if (seq) this.after = seq;
    for (const act of [this.on[name], everywhere[name]]) act?.(JSON.parse(event.data), seq);
  }

  connected() {
    this.failures = 0;
    this.stopPolling();
    this.tell('live');
  }

  failed(source) {
    this.tell('waiting');
    this.startPolling();
    if (source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    this.source = null;
    const seconds = BACK_OFF_S[Math.min(this.failures++, BACK_OFF_S.length - 1)];
    this.retry = setTimeout(() => this.open(), seconds * 1000 * (0.75 + Math.random() / 2));
  }

  reopen() {
    this.source?.close();
    this.source = null;
    this.failures = 0;
    this.open();
  }

  pause() {
    this.source?.close();
    this.source = null;
    clearTimeout(this.retry);
    this.stopPolling();
  }

  end() {
    this.listening.abort();
    links.delete(this);
    this.pause();
  }

  startPolling() {
    if (!this.poll || this.polling) return;
    this.polling = setInterval(() => Promise.resolve(this.poll()).catch(() => {}), POLL_MS);
  }

  stopPolling() {
    clearInterval(this.polling);
    this.polling = 0;
  }

  tell(state) {
    if (state !== this.state) this.onState(state);
    this.state = state;
  }
}
