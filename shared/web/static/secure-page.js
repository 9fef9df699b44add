/* The way from a plain page to its secure twin: a code stands in the fragment, which only a script can take along. */

const ways = document.querySelectorAll('#secure-offer a, a[data-secure]');
const bare = [...ways].map((way) => way.href);

const follow = () => ways.forEach((way, index) => (way.href = bare[index] + location.hash));

addEventListener('hashchange', follow);
follow();
