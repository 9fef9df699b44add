/* The camera that reads codes. It only reports text: what a text means, and whether to act, is the page's business. */

import { Problem, t } from './app.js';
import { SIZES, decode, grab } from './reader.js';

const PAUSE_MS = 60;
const HINT_AFTER_MS = 6000;
const SAME_TEXT_MS = 2500;

const PROBLEMS = {
  NotAllowedError: 'camera_refused',
  SecurityError: 'camera_refused',
  NotFoundError: 'camera_none',
  OverconstrainedError: 'camera_none',
  NotReadableError: 'camera_busy',
  AbortError: 'camera_busy',
};

/**
 * Open the camera on `video` and report each code that comes into view.
 *
 * `onText(text)` once per code in view; `onProblem(problem)` when there is no camera to be had, with a `Problem` whose
 * sentence says what to do; `onTorch(hasTorch)` after each opening; `onHint()` when nothing was read for six seconds.
 * The camera closes while the page is hidden. The page lists `scanner_keys` in its `strings(…)`. Returns {feed(image), pause(), resume(), torch(isOn), stop()}.
 */
export function scan(video, handlers) {
  const scanner = new Scanner(video, { onTorch() {}, onHint() {}, ...handlers });
  scanner.resume();
  return scanner;
}

class Scanner {
  constructor(video, handlers) {
    Object.assign(this, { video, handlers, run: null, isWanted: false, stream: null, last: null, lastAt: 0 });
    this.listening = new AbortController();
    const listen = (target, name, act) => target.addEventListener(name, act, { signal: this.listening.signal });
    listen(document, 'visibilitychange', () => (document.hidden ? this.close() : this.open()));
    listen(window, 'pagehide', () => this.close());
    listen(window, 'pageshow', () => this.open());
  }

  /** Read one given picture by the same decoder and report it as if the camera had seen it; resolves to its text. */
  async feed(image) {
    const text = await decode(image);
    if (text) this.report(text);
    return text;
  }

  pause() {
    this.isWanted = false;
    this.close();
  }

  resume() {
    this.isWanted = true;
    this.last = null;
    return this.open();
  }

  stop() {
    this.pause();
    this.listening.abort();
  }

  /** Switch the torch; resolves to whether it is on. */
  async torch(isOn) {
    try {
      await this.stream.getVideoTracks()[0].applyConstraints({ advanced: [{ torch: isOn }] });
      return isOn;
    } catch {
      return false;
    }
  }

  async open() {
    if (!this.isWanted || this.run || document.hidden) return;
    const run = (this.run = {}); // this opening, told apart from the ones before and after it
    try {
      if (!navigator.mediaDevices?.getUserMedia) return this.fail('insecure_page');
      const stream = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 720 } },
      });
      if (run !== this.run) return stream.getTracks().forEach((track) => track.stop()); // closed meanwhile
      await this.begin(stream, run);
    } catch (cause) {
      if (run !== this.run) return;
      this.fail(PROBLEMS[cause.name] ?? 'camera_busy');
    }
  }

  async begin(stream, run) {
    this.stream = stream;
    const track = stream.getVideoTracks()[0];
    track.addEventListener('ended', () => run === this.run && this.fail('camera_busy'));
    if (track.readyState === 'ended') return this.fail('camera_busy'); // it broke down before anybody listened
    this.video.srcObject = stream;
    await this.video.play();
    this.handlers.onTorch(Boolean(track.getCapabilities?.().torch));
    this.watch(run).catch(() => run === this.run && this.fail('reader_failed'));
  }

  async watch(run) {
    let quietSince = performance.now();
    for (let frame = 0; run === this.run; frame++) {
      const image = grab(this.video, SIZES[frame % SIZES.length]);
      const text = image && (await decode(image));
      if (run !== this.run) return;
      if (text) {
        quietSince = performance.now();
        this.report(text);
      } else if (performance.now() - quietSince > HINT_AFTER_MS) {
        quietSince = Infinity;
        this.handlers.onHint();
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  /** A code that stays in view is reported once; one that went and came back is reported again. */
  report(text) {
    const now = performance.now();
    const isNew = text !== this.last || now - this.lastAt > SAME_TEXT_MS;
    this.last = text;
    this.lastAt = now;
    if (isNew) this.handlers.onText(text);
  }

  fail(code) {
    this.close();
    this.handlers.onProblem(new Problem(code, t(`scan.${code}`)));
  }

  close() {
    this.run = null;
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    this.video.srcObject = null;
  }
}
