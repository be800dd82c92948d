import dagre from '@dagrejs/dagre';
import type { Asked, Laid } from './layout.ts';

/** Lays a graph out away from the page, which goes on answering meanwhile. */
self.addEventListener('message', ({ data }: MessageEvent<Asked>) => {
  const graph = new dagre.graphlib.Graph({ multigraph: false, compound: false });
  graph.setGraph({ rankdir: 'TB', nodesep: 34, ranksep: 46, edgesep: 14, marginx: 12, marginy: 12, ranker: 'network-simplex' });
  for (const node of data.nodes) graph.setNode(node.id, { width: node.width, height: node.height });
  for (const edge of data.edges) {
    graph.setEdge(edge.from, edge.to, { weight: edge.weight, width: 36, height: 16, labelpos: 'c', minlen: 1 });
  }
  dagre.layout(graph);
  const size = graph.graph();
  const laid: Laid = {
    id: data.id,
    width: size.width ?? 0,
    height: size.height ?? 0,
    nodes: graph.nodes().map((id) => {
      const { x, y, width, height } = graph.node(id);
      return { id, x, y, width, height };
    }),
    edges: graph.edges().map(({ v, w }) => {
      const { points, x, y } = graph.edge(v, w);
      return { from: v, to: w, points, x: x ?? 0, y: y ?? 0 };
    }),
  };
  self.postMessage(laid);
});
