/* Times as the reader's own clock shows them; the page itself writes them in UTC. */

const today = (at) => new Date().toDateString() === at.toDateString();

/** Rewrite every `<time datetime>` under `root`: the time alone for today, with the date before it otherwise. */
export function localTimes(root = document) {
  const language = document.documentElement.lang || 'en';
  for (const element of root.querySelectorAll('time[datetime]')) {
    const at = new Date(element.dateTime);
    const day = today(at) ? {} : { day: 'numeric', month: 'short', year: 'numeric' };
    element.textContent = new Intl.DateTimeFormat(language, { ...day, hour: '2-digit', minute: '2-digit' }).format(at);
  }
}
