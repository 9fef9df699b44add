/* Reads a QR code in a picture, off the page's own thread: {id, data, width, height} or {id, bitmap} → {id, text or null}. */

import decodeQR from './vendor/qr-0.7.0/qr.js';

const TIME_LIMIT_MS = 120;

let context;

function pixelsOf(bitmap) {
  const { width, height } = bitmap;
  context ??= new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  Object.assign(context.canvas, { width, height });
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, width, height);
}

onmessage = ({ data: { id, bitmap, ...given } }) => {
  let text = null;
  try {
    const { data, width, height } = bitmap ? pixelsOf(bitmap) : given;
    text = decodeQR({ data, width, height }, { effort: Infinity, timeLimit: TIME_LIMIT_MS });
  } catch {
    // no code in this picture: the ordinary case
  }
  postMessage({ id, text });
};
