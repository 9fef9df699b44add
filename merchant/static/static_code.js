/* The printed code: a button that prints, and a picture for the launcher's virtual camera. */

import { answerPictures } from './shared/virtual-camera.js';

document.getElementById('print').addEventListener('click', () => window.print());
answerPictures();
