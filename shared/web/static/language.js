/* The switch of languages (macro `languages`): keeps the choice for every page of this host, and shows this one anew. */

document.addEventListener('click', ({ target }) => {
  const chosen = target.closest?.('[data-language]')?.dataset.language;
  if (!chosen) return;
  document.cookie = `saoma_lang=${chosen}; path=/; max-age=31536000; samesite=lax`;
  location.reload();
});
