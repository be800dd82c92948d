/** The language of the pages; apart from the words, so that questions to the server can name it without them. */
export type Language = 'zh' | 'en';

const KEPT = 'guichet.lang';

function first(): Language {
  const asked = new URLSearchParams(location.search).get('lang');
  if (asked === 'zh' || asked === 'en') return asked;
  const kept = localStorage.getItem(KEPT);
  if (kept === 'zh' || kept === 'en') return kept;
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

let now: Language = first();

export const languageNow = (): Language => now;

export function keepLanguage(language: Language) {
  now = language;
  localStorage.setItem(KEPT, language);
}
