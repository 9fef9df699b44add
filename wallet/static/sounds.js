/* The switch of this phone's sounds. Loaded after the page that it stands on, which does not wait for it. */

import { buzz, chime, keepSounds, soundsAreOn } from './shared/chime.js';

const sounds = document.getElementById('sounds');
const show = (isOn) => sounds.setAttribute('aria-checked', String(isOn));

show(soundsAreOn());
sounds.inert = false;
sounds.addEventListener('click', () => {
  const isOn = !soundsAreOn();
  keepSounds(isOn);
  show(isOn);
  if (isOn && !chime()) buzz();
});
