/* A scanner that types, over USB or Bluetooth: keys that come faster than a person's, ended by Enter or Tab. It needs no
   field and no focus. */

const PERSON_MS = 50; // a scanner leaves 1 to 30 ms between two keys, a person 80 and more

/**
 * Call `onText(text)` for each text of at least `shortest` characters that a scanner types; its Enter goes nowhere else.
 * A field that has the focus keeps what is typed into it.
 */
export function wedge(onText, shortest = 6) {
  let text = '';
  let last = 0;
  const act = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
    const isFast = event.timeStamp - last < PERSON_MS;
    if (event.key === 'Enter' || event.key === 'Tab') {
      const whole = isFast && text.length >= shortest ? text : '';
      text = '';
      if (!whole) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      onText(whole);
    } else if (event.key.length === 1) {
      text = (isFast ? text : '') + event.key;
      last = event.timeStamp;
    }
  };
  document.addEventListener('keydown', act, { capture: true });
}

const isField = (target) => Boolean(target.closest?.('input:not([type=checkbox], [type=radio], [readonly]), textarea, select'));
