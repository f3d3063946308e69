"use strict";
/* Runs in a worker, behind the library: where the nodes of a graph stand, and how its edges run. */

function arrange({ nodes, edges }) {
  const graph = new dagre.graphlib.Graph();
  // A ranker that is worth its time for a graph that can be taken in at a glance.
  const ranker = nodes.length > 150 ? "tight-tree" : "network-simplex";
  graph.setGraph({ rankdir: "TB", nodesep: 18, edgesep: 10, ranksep: 34, marginx: 12, marginy: 12, ranker });
  nodes.forEach(({ width, height }, place) => graph.setNode(String(place), { width, height }));
  edges.forEach(({ from, to }) => graph.setEdge(String(from), String(to), {}));
  dagre.layout(graph);
  return {
    width: graph.graph().width || 0,
    height: graph.graph().height || 0,
    nodes: nodes.map((_, place) => {
      const { x, y } = graph.node(String(place));
      return { x, y };
    }),
    edges: edges.map(({ from, to }) => graph.edge(String(from), String(to)).points),
  };
}

if (typeof WorkerGlobalScope !== "undefined" && self instanceof WorkerGlobalScope) {
  self.onmessage = ({ data: { job, graph } }) => self.postMessage({ job, found: arrange(graph) });
}
