/* What this phone knows of its owner without asking the service: kept beside the key by every page that has one. */

import { keepFacts, keptFacts } from './shared/kept.js';
import { hasSecureKeys } from './shared/keys.js';
import { facts } from './facts.js';

const KEPT = [
  'user', 'handle', 'display_name', 'kid', 'custody', 'realm', 'currency', 'currency_number', 'cap_minor',
  'no_pin_limit_minor', 'card', 'after',
];
const ahead_ms = facts.now_ms === undefined ? undefined : facts.now_ms - Date.now();

/** The page's own facts with `ahead_ms`, by which the service's clock is ahead of this one's; on a page without anybody
    those that were kept. Null when there are none. */
export async function known() {
  if (facts.kid) return { ...facts, ahead_ms };
  if (!hasSecureKeys()) return null;
  const kept = await keptFacts(facts.phone);
  return kept?.kid ? { ...facts, ...kept } : null;
}

/** Keep what this page says, for a page without the network; gives what was kept before, or null. */
export async function keepKnown() {
  if (!facts.kid || !hasSecureKeys()) return null;
  const before = await keptFacts(facts.phone);
  const { lang: language } = document.documentElement;
  await keepFacts(facts.phone, { ...Object.fromEntries(KEPT.map((name) => [name, facts[name]])), ahead_ms, language });
  return before;
}
