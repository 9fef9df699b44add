/* The receive code to print; and its picture for the launcher's frames. */

import './code.js';

document.getElementById('print').addEventListener('click', () => window.print());
