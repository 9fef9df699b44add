/* One more look before money goes to somebody new, or to somebody whose key is new. */

/** Open the sheet; whether the person goes on. */
export function isSure(sheet) {
  sheet.returnValue = '';
  sheet.showModal();
  return new Promise((resolve) => {
    sheet.addEventListener('close', () => resolve(sheet.returnValue === 'yes'), { once: true });
  });
}
