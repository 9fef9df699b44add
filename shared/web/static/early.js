/* A press before the page's modules have run is kept, and made once they have: on a slow network the page is seen, and
   pressed, before it can act. The only classic script: it must be there before the first button. */

{
  const kept = [];
  const keep = (event) => {
    const button = event.target.closest('button');
    if (!button) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    kept.push(button);
  };
  document.addEventListener('click', keep, true);
  document.addEventListener('DOMContentLoaded', () => {
    document.removeEventListener('click', keep, true);
    for (const button of kept) button.click();
  });
}
