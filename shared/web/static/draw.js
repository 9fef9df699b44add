/* Drawing a code on the phone itself, for pages that must do without the service. The twin of shared/codes/render.py: the
   link is a byte segment and the payload a numeric one (version 8 instead of 12), level M, dark on white with its margin. */

import { correction, generate, mode } from './vendor/lean-qr-2.7.4/lean-qr.js';

const QUIET_MODULES = 4;
const SVG = 'http://www.w3.org/2000/svg';

/** The code of `text` as an SVG element of one path. `label` is what a screen reader says. */
export function drawn(text, label) {
  const code = matrix(text);
  const side = code.size + 2 * QUIET_MODULES;
  const svg = element('svg', { viewBox: `0 0 ${side} ${side}`, 'shape-rendering': 'crispEdges', role: 'img', 'aria-label': label });
  svg.append(element('rect', { width: side, height: side, fill: '#fff' }), element('path', { stroke: '#000', d: runs(code) }));
  return svg;
}

/** The modules {size, get(x, y)} of a code's text, without the margin. */
export function matrix(text) {
  const [, link, digits] = /^(.*#)([0-9]+)$/.exec(text) ?? [];
  const content = digits ? mode.multi(mode.ascii(link), mode.numeric(digits)) : mode.utf8(text);
  return generate(content, { minCorrectionLevel: correction.M, maxCorrectionLevel: correction.M });
}

/** All dark runs: a line of one module's width through the middle of each. */
function runs(code) {
  let path = '';
  for (let y = 0; y < code.size; y += 1) {
    for (let x = 0; x < code.size; x += 1) {
      if (!code.get(x, y)) continue;
      let end = x;
      while (code.get(end, y)) end += 1;
      path += `M${x + QUIET_MODULES} ${y + QUIET_MODULES}.5h${end - x}`;
      x = end;
    }
  }
  return path;
}

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
