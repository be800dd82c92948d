import { t } from './words.svelte.ts';

/** An amount of fen in yuan, to two places. */
export function yuan(fen: number): string {
  return t('yuan', { n: (fen / 100).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 }) });
}
