/* The frames' side of the launcher's virtual camera: a page that shows a code gives its picture to the launcher, and a
   phone's scanner takes a picture from it. Nothing happens unless the page is framed by the launcher it names in
   <meta name="launcher-origin">; messages from anybody else are not looked at. */

const SIDE = 720;
const MARGIN = 48;

const launcher = document.querySelector('meta[name="launcher-origin"]')?.content;

/** Whether this page stands in the launcher's frame. */
export const isFramed = Boolean(launcher) && window.parent !== window;

/** Answer the launcher's question for this page's code, with its picture or with null when none is to be seen. */
export function answerPictures() {
  listen('picture?', async ({ id }) => {
    const image = await picture().catch(() => null);
    tell({ saoma: 'picture', id, image, width: image?.width ?? 0, height: image?.height ?? 0 });
  });
}

/** Hand the pictures that the launcher holds before this phone to `onImage(imageData)`. Call it when scanning can begin. */
export function virtualFrames(onImage) {
  listen('scan!', () => tell({ saoma: 'scanning' }));
  listen('frame', ({ image }) => image instanceof ImageData && onImage(image));
  tell({ saoma: 'scanning' });
}

function listen(name, act) {
  if (!isFramed) return;
  window.addEventListener('message', (event) => {
    if (event.origin !== launcher || event.source !== window.parent || event.data?.saoma !== name) return;
    act(event.data);
  });
}

function tell(message) {
  if (isFramed) window.parent.postMessage(message, launcher);
}

/** The largest visible code of the page on a white square, as a camera would see it straight on. */
async function picture() {
  const code = [...document.querySelectorAll('[data-qr] svg, [data-qr] img')]
    .map((element) => ({ element, width: element.getBoundingClientRect().width }))
    .filter(({ element, width }) => width > 0 && getComputedStyle(element).visibility === 'visible')
    .sort((one, other) => other.width - one.width)[0]?.element;
  if (!code) return null;
  const drawable = code instanceof SVGElement ? await drawn(code) : code;
  const canvas = Object.assign(document.createElement('canvas'), { width: SIDE, height: SIDE });
  const context = canvas.getContext('2d');
  context.fillStyle = '#fff';
  context.fillRect(0, 0, SIDE, SIDE);
  context.imageSmoothingEnabled = false;
  context.drawImage(drawable, MARGIN, MARGIN, SIDE - 2 * MARGIN, SIDE - 2 * MARGIN);
  return context.getImageData(0, 0, SIDE, SIDE);
}

/** An inline SVG as an image: some browsers draw one only when it says how large it is. */
async function drawn(svg) {
  const copy = svg.cloneNode(true);
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', SIDE);
  copy.setAttribute('height', SIDE);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await image.decode();
  return image;
}
