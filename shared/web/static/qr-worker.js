/* Reads a QR code in a picture, off the page's own thread: {id, data or frame, width, height} → {id, text or
   null}, with isBlind where this worker cannot read a frame. */

import decodeQR from './vendor/qr-0.7.0/qr.js';

const TIME_LIMIT_MS = 120;

let context;

function pixelsOf(frame, width, height) {
  context ??= new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  Object.assign(context.canvas, { width, height });
  context.drawImage(frame, 0, 0, width, height);
  frame.close();
  return context.getImageData(0, 0, width, height).data;
}

onmessage = ({ data: { id, data, frame, width, height } }) => {
  try {
    const pixels = frame ? pixelsOf(frame, width, height) : data;
    postMessage({ id, text: textIn({ data: pixels, width, height }) });
  } catch {
    postMessage({ id, text: null, isBlind: true }); // no canvas here: the page must read the pixels
  }
};

function textIn(image) {
  try {
    return decodeQR(image, { effort: Infinity, timeLimit: TIME_LIMIT_MS });
  } catch {
    return null; // no code in this picture: the ordinary case
  }
}
