/* A scanner that types: keys that come faster than a person's, ended by Enter or Tab. It needs no field. */

const PAUSE_MS = 150; // a longer one begins a new text; a busy till holds keys back
const SCANNER_MS = 60; // between two keys on average: a scanner leaves 1 to 30 ms, a person 90 and more
const PATIENCE_MS = 3000;

/**
 * Call `onText(text)` for each text of six characters or more that a scanner types outside of fields; its Enter goes
 * nowhere else. `isPatient`: a person may type too. `onBegin()`: before the first key of what may become such a text.
 */
export function wedge(onText, { isPatient = false, onBegin } = {}) {
  let text = '';
  let first = 0;
  let last = 0;
  const act = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
    const goesOn = text && event.timeStamp - last < (isPatient ? PATIENCE_MS : PAUSE_MS);
    if (event.key === 'Enter' || event.key === 'Tab') {
      const isFast = isPatient || (last - first) / (text.length - 1) < SCANNER_MS;
      const whole = goesOn && isFast && text.length > 5 ? text : '';
      text = '';
      if (!whole) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      onText(whole);
    } else if (event.key.length === 1) {
      if (!goesOn) {
        first = event.timeStamp;
        onBegin?.();
      }
      text = (goesOn ? text : '') + event.key;
      last = event.timeStamp;
    } else if (event.key !== 'Shift') text = ''; // a person types
  };
  document.addEventListener('keydown', act, { capture: true });
}

const isField = (target) => Boolean(target.closest?.('input:not([type=checkbox], [type=radio], [readonly]), textarea, select'));
