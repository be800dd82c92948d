import { procedure, t } from './words.svelte.ts';

/** What a step or a group of a flow is called: its own word, after that of the item whose flow it belongs to. */
export function stepName(id: string | null | undefined): string {
  if (!id) return '';
  const dot = id.indexOf('.');
  if (dot < 0) return ownName(id);
  return `${ownName(id.slice(0, dot))} · ${ownName(id.slice(dot + 1))}`;
}

/** The branch of a parallel group that a step belongs to. */
export const branchOf = (step: string): string => step.split('.')[0];

/** The step's own word alone, where what it belongs to is plain. */
export const shortStepName = (id: string): string => ownName(id.slice(id.indexOf('.') + 1));

function ownName(id: string): string {
  const item = procedure(id);
  return item !== id ? item : t('step-name', { step: id });
}
