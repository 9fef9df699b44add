/* A short tone and a buzz when money has moved. Whether this phone makes them is kept in its browser; a browser that wants
   a gesture first stays silent. */

import { at } from './app.js';

const TONES_HZ = [880, 1318.5];
const TONE_S = 0.13;
const BUZZ_MS = 60;

const place = () => `saoma-sounds-${at('') || 'phone'}`;

/** Whether this phone makes sounds: yes, unless somebody has switched them off. */
export function soundsAreOn() {
  try {
    return localStorage.getItem(place()) !== 'off';
  } catch {
    return true;
  }
}

/** Keep whether this phone makes sounds, for all its pages. */
export function keepSounds(isOn) {
  try {
    localStorage.setItem(place(), isOn ? 'on' : 'off');
  } catch {
    // A browser that keeps nothing makes its sounds.
  }
}

/** One buzz, where the phone can and may. */
export function buzz() {
  if (soundsAreOn() && navigator.userActivation?.hasBeenActive !== false) navigator.vibrate?.(BUZZ_MS);
}

/** Two rising tones, a quarter of a second together; gives whether they sound. */
export function chime() {
  if (!soundsAreOn() || !window.AudioContext) return false;
  const audio = new AudioContext();
  if (audio.state !== 'running') {
    audio.close();
    return false;
  }
  TONES_HZ.forEach((pitch, turn) => tone(audio, pitch, audio.currentTime + turn * TONE_S));
  setTimeout(() => audio.close(), 1000);
  return true;
}

function tone(audio, pitch, from) {
  const [voice, loudness] = [audio.createOscillator(), audio.createGain()];
  voice.frequency.value = pitch;
  loudness.gain.setValueAtTime(0, from);
  loudness.gain.linearRampToValueAtTime(0.16, from + 0.012);
  loudness.gain.exponentialRampToValueAtTime(0.0001, from + TONE_S);
  voice.connect(loudness).connect(audio.destination);
  voice.start(from);
  voice.stop(from + TONE_S);
}
