/* What every page's script needs: asking the service, sentences of the catalogue, telling the person, showing money. */

const TIMEOUT_MS = 20000;

/** Why something was refused. `code` is stable, `message` is the sentence to show, `status` is 0 when nobody answered. */
export class Problem extends Error {
  constructor(code, message, status = 0, body = {}) {
    super(message);
    this.name = 'Problem';
    this.code = code;
    this.status = status;
    this.body = body;
  }

  /** Whether the request may have been carried out although no answer came: ask again under the same id, do not repeat. */
  get isUnknown() {
    return this.status === 0 || this.status >= 500;
  }
}

const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? '';

/** An address inside this service, under the prefix that it is mounted at (`/w/ana` for a persona). */
export const at = (path) => meta('app-prefix') + path;

/**
 * One JSON request; resolves to the answer's body (null when it has none), throws a `Problem` otherwise.
 * `headers` are added, for example an Idempotency-Key.
 */
export async function api(method, path, body, headers = {}) {
  let answer;
  let text;
  try {
    answer = await fetch(at(path), {
      method,
      credentials: 'same-origin',
      cache: 'no-store',
      headers: {
        Accept: 'application/json',
        'X-CSRF-Token': meta('csrf-token'),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout?.(TIMEOUT_MS),
    });
    text = await answer.text();
  } catch (cause) {
    const code = cause.name === 'TimeoutError' ? 'timeout' : 'offline';
    dispatchEvent(new Event('unreachable'));
    throw new Problem(code, t(`error.${code}`));
  }
  const value = parsed(text);
  if (answer.ok && value !== undefined) return value;
  const code = value?.code ?? 'unreadable_answer';
  throw new Problem(code, value?.detail ?? t('error.unreadable_answer'), answer.ok ? 0 : answer.status, value ?? {});
}

/** The JSON in `text`; null when it is empty, undefined when it is something else. */
function parsed(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return undefined;
  }
}

let catalogue;

/** The sentence of `key` in the page's language, with its `{param}`s filled in. The page lists its keys in `strings(…)`. */
export function t(key, params = {}) {
  catalogue ??= JSON.parse(document.getElementById('strings')?.textContent || '{}');
  if (!(key in catalogue)) {
    console.error(`no sentence for ${key} on this page`);
    return key;
  }
  return catalogue[key].replace(/\{(\w+)\}/g, (whole, name) => (name in params ? String(params[name]) : whole));
}

let quiet;

/** Show a sentence in the page's status region and have it read out; it goes after `seconds` (0: it stays). */
export function say(text, seconds = 6) {
  const region = document.getElementById('status');
  clearTimeout(quiet);
  region.textContent = text;
  if (text && seconds) quiet = setTimeout(() => (region.textContent = ''), seconds * 1000);
}

/** How many digits stand after the point in `currency`. */
export const exponent = (currency) => formatter(currency).resolvedOptions().maximumFractionDigits;

const formatter = (currency) =>
  new Intl.NumberFormat(document.documentElement.lang || 'en', { style: 'currency', currency, currencyDisplay: 'narrowSymbol' });

/** Minor units as text: `money(1250, 'CNY')` is "¥12.50". The amount goes in as digits, so no float ever rounds it. */
export function money(minor, currency) {
  const digits = String(Math.abs(minor)).padStart(exponent(currency) + 1, '0');
  const point = digits.length - exponent(currency);
  const major = exponent(currency) ? `${digits.slice(0, point)}.${digits.slice(point)}` : digits;
  return (minor < 0 ? '−' : '') + formatter(currency).format(major);
}

/** Write an amount into the big figure `element` (macro `figure` with an id), in the size that its length allows. */
export function showFigure(element, minor, currency) {
  element.textContent = money(minor, currency);
  const { length } = element.textContent;
  element.className = length > 11 ? 'long' : length < 8 ? 'short' : 'usual';
}

/** A typed text as a code can carry it: composed, trimmed, cut at a character to at most `longest` bytes of UTF-8. */
export function cut(text, longest) {
  const whole = text.normalize('NFC').trim();
  return whole.slice(0, new TextEncoder().encodeInto(whole, new Uint8Array(longest)).read).trimEnd();
}

/** Run `work` while `button` shows that it is busy and cannot be pressed again; what it throws comes out. */
export async function busy(button, work) {
  if (button.getAttribute('aria-busy') === 'true') return undefined;
  button.setAttribute('aria-busy', 'true');
  button.disabled = true;
  try {
    return await work();
  } finally {
    button.removeAttribute('aria-busy');
    button.disabled = false;
  }
}
