/* Moments in the reader's own zone and language. The service writes UTC, for readers without scripts. */

const language = document.documentElement.lang || 'en';
const FORMS = {
  time: { hour: '2-digit', minute: '2-digit' },
  day: { weekday: 'short', day: 'numeric', month: 'short' },
  full: { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' },
};

/** Rewrite every `<time data-form>` under `root`. */
export function tellTimes(root = document) {
  for (const time of root.querySelectorAll('time[data-form]')) {
    time.textContent = written(new Date(time.dateTime), time.dataset.form);
    time.title = written(new Date(time.dateTime), 'full');
  }
}

/** A moment in one of the forms `time`, `day` and `full`. */
export function written(moment, form) {
  return new Intl.DateTimeFormat(language, FORMS[form]).format(moment);
}

tellTimes();
