/* A thin ring that runs out, and the seconds in figures for the last ten. Nobody is read a countdown. */

const FIGURES_S = 10;
const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;

let running;
let ticking;

/** Start the ring anew: `circle` has pathLength 100, `figure` takes the seconds left. */
export function ring(circle, figure, ms) {
  running?.cancel();
  clearInterval(ticking);
  figure.textContent = '';
  const ends_at = Date.now() + ms;
  if (!isStill) {
    running = circle.animate([{ strokeDashoffset: 0 }, { strokeDashoffset: 100 }], { duration: ms, fill: 'forwards' });
  }
  ticking = setInterval(() => {
    const left_s = Math.ceil((ends_at - Date.now()) / 1000);
    figure.textContent = left_s > 0 && left_s <= FIGURES_S ? left_s : '';
    if (left_s <= 0) clearInterval(ticking);
  }, 500);
}
