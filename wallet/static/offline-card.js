/* My contact card without the network: drawn from what was kept. A card does not expire. */

import { t } from './shared/app.js';
import { drawn } from './shared/draw.js';
import './code.js';
import { known } from './known.js';

const part = (name) => document.getElementById(name);

async function show() {
  const facts = await known().catch(() => null);
  part('lost').hidden = Boolean(facts);
  part('shown').hidden = !facts;
  if (!facts) return;
  const text = `${location.origin}/q#${facts.card}`;
  part('drawing').replaceChildren(drawn(text, t('card.code_label')));
  part('name').textContent = facts.display_name;
  part('handle').textContent = `@${facts.handle}`;
  part('copy').dataset.copy = text;
}

show();
