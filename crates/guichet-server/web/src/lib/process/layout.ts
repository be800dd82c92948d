export interface Asked {
  id: number;
  nodes: { id: string; width: number; height: number }[];
  edges: { from: string; to: string; weight: number }[];
}

export interface Laid {
  id: number;
  width: number;
  height: number;
  nodes: { id: string; x: number; y: number; width: number; height: number }[];
  edges: { from: string; to: string; points: { x: number; y: number }[]; x: number; y: number }[];
}

/** A line through points, rounded at its corners. */
export function pathOf(points: readonly { x: number; y: number }[]): string {
  if (points.length < 3) return points.map((point, i) => `${i ? 'L' : 'M'}${point.x} ${point.y}`).join('');
  let path = `M${points[0].x} ${points[0].y}`;
  for (let i = 1; i < points.length - 1; i += 1) {
    const [at, next] = [points[i], points[i + 1]];
    const end = i === points.length - 2 ? next : { x: (at.x + next.x) / 2, y: (at.y + next.y) / 2 };
    path += `Q${at.x} ${at.y} ${end.x} ${end.y}`;
  }
  return path;
}

/** Lays graphs out one after another; an answer to a question that is no longer asked is dropped. */
export function layouter(tell: (laid: Laid) => void) {
  const worker = new Worker(new URL('./layout.worker.ts', import.meta.url), { type: 'module' });
  let last = 0;
  worker.addEventListener('message', ({ data }: MessageEvent<Laid>) => {
    if (data.id === last) tell(data);
  });
  return {
    ask(question: Omit<Asked, 'id'>) {
      last += 1;
      worker.postMessage({ id: last, ...question });
    },
    end: () => worker.terminate(),
  };
}
