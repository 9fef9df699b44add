/* A pay code that comes before its sale: scanned at the register, kept for the checkout that opens next. */

const PLACE = 'saoma-presented';

/** Whether a scanned or typed text is meant to be a customer's pay code: the number under it, its link, its digits. */
export function isPayerCode(text) {
  const bare = text.replace(/[ -]/g, '');
  return /^28\d{16}$/.test(bare) || /\/q#\d+$/.test(text.trim()) || /^\d{100,}$/.test(bare);
}

/** Have the next checkout page of this tab charge this code as soon as it opens. */
export function keepForCheckout(text) {
  try {
    sessionStorage.setItem(PLACE, text);
  } catch {
    // A browser that keeps nothing: the cashier scans once more.
  }
}

/** The code that was kept, once; null when there is none. */
export function keptCode() {
  try {
    const text = sessionStorage.getItem(PLACE);
    sessionStorage.removeItem(PLACE);
    return text;
  } catch {
    return null;
  }
}
