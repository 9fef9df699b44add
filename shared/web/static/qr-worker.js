/* Reads a QR code in a picture, off the page's own thread: {id, data, width, height} → {id, text or null}. */

import decodeQR from './vendor/qr-0.7.0/qr.js';

const TIME_LIMIT_MS = 120;

onmessage = ({ data: { id, data, width, height } }) => {
  let text = null;
  try {
    text = decodeQR({ data, width, height }, { effort: Infinity, timeLimit: TIME_LIMIT_MS });
  } catch {
    // no code in this picture: the ordinary case
  }
  postMessage({ id, text });
};
