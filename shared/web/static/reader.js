/* Reading a QR code in a picture. Every picture, from the camera or the launcher, goes through `decode`: the
   browser's own detector where it really knows QR codes, else the vendored decoder in a worker. */

/** Longest sides to try in turn: large reads far and dense codes, small reads noisy and blurred ones. */
export const SIZES = [1280, 800];

let reader;

/** The text of the QR code in an ImageData or in what `grab` gave, which is used up; or null. Rejects only when the
    decoder cannot be loaded. */
export async function decode(image) {
  reader ??= nativeReader().then((native) => native ?? workerReader());
  const read = await reader;
  try {
    return await read(image);
  } catch (cause) {
    if (read.isWorker) throw cause;
    reader = Promise.resolve(workerReader()); // a detector that exists and fails: some systems ship one
    return decode(image);
  }
}

let takesFrames = 'OffscreenCanvas' in globalThis && 'VideoFrame' in globalThis;

/** What a video shows now, for `decode`, no side longer than `longest`; null before its first picture. A frame as it is
    where there are such: its pixels are then read in the worker, and the page's thread is free for the person. */
export function grab(video, longest) {
  if (!video.videoWidth) return null;
  if (takesFrames) {
    try {
      const frame = new VideoFrame(video);
      return { frame, ...fitted(frame.displayWidth, frame.displayHeight, longest) };
    } catch {
      takesFrames = false;
    }
  }
  return pixels(video, video.videoWidth, video.videoHeight, longest);
}

async function nativeReader() {
  try {
    const formats = await globalThis.BarcodeDetector?.getSupportedFormats();
    if (!formats?.includes('qr_code')) return null;
    const detector = new BarcodeDetector({ formats: ['qr_code'] });
    return async (image) => {
      const [found] = await detector.detect(image.frame ?? image);
      image.frame?.close();
      return found?.rawValue || null;
    };
  } catch {
    return null;
  }
}

function workerReader() {
  const worker = new Worker(new URL('./qr-worker.js', import.meta.url), { type: 'module' });
  const waiting = new Map();
  let last = 0;
  worker.onmessage = ({ data: { id, text, isBlind } }) => {
    if (isBlind) takesFrames = false;
    waiting.get(id)?.resolve(text);
    waiting.delete(id);
  };
  worker.onerror = () => {
    reader = undefined; // so that the next picture tries to load it again
    waiting.forEach(({ reject }) => reject(new Error('the decoder could not be loaded')));
  };
  const read = (image) =>
    new Promise((resolve, reject) => {
      waiting.set(++last, { resolve, reject });
      const { data, frame, width, height } = image;
      worker.postMessage({ id: last, data, frame, width, height }, frame ? [frame] : []);
    });
  return Object.assign(read, { isWorker: true });
}

const canvas = document.createElement('canvas');
const context = canvas.getContext('2d', { willReadFrequently: true });

function fitted(width, height, longest) {
  const scale = Math.min(1, longest / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** The pixels of a drawable, no side longer than `longest`. */
export function pixels(source, width, height, longest) {
  const size = fitted(width, height, longest);
  Object.assign(canvas, size);
  context.drawImage(source, 0, 0, size.width, size.height);
  return context.getImageData(0, 0, size.width, size.height);
}
