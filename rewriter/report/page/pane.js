"use strict";
/* One graph on the screen: drawn as SVG, moved and enlarged, its items told apart by what happened to them. */

const SVG = "http://www.w3.org/2000/svg";
const NEAREST = 2.5;
const READABLE = 0.3; // smaller than this, a graph is shown in part rather than whole
const MOST_ENDS = 24; // inputs or outputs that are drawn one by one

/** An element; what is put into it is text or elements, never markup. */
function make(name, attributes = {}, ...children) {
  const element = ["svg", "g", "rect", "text", "path", "title"].includes(name)
    ? document.createElementNS(SVG, name)
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function cut(text, most) {
  return text.length <= most ? text : "…" + text.slice(1 - most);
}

const measuring = document.createElement("canvas").getContext("2d");

/** How wide some lines are, each [text, font]. */
function widest(...lines) {
  return Math.max(
    ...lines.map(([text, font]) => {
      measuring.font = font;
      return measuring.measureText(text).width;
    }),
  );
}

const NAME = "600 12px system-ui, sans-serif";
const KIND = "11px ui-monospace, monospace";

/** A name that may be broken where its parts end. */
function broken(name) {
  return name.split(/(?<=[._/;])/).flatMap((part, place) => (place ? [make("wbr"), part] : [part]));
}

/** Element type, shape and quantisation of a tensor: `i8[8,3,3,3] per-channel(0)`. */
function kindOf(tensor, short = false) {
  const sizes = tensor.shape.map((size) => (size === null ? "?" : size)).join(",");
  const q = tensor.quantization;
  if (!q) return `${tensor.type}[${sizes}]`;
  if (short) return `${tensor.type}[${sizes}] q`;
  if (q.channels) return `${tensor.type}[${sizes}] per-channel(${q.dimension})`;
  return `${tensor.type}[${sizes}] scale ${Number(Number(q.scale).toPrecision(6))} zero ${q.zero_point}`;
}

/** Lays graphs out in a worker, or here where a browser allows a page from a file no worker. */
class Layout {
  constructor() {
    this.text = document.getElementById("library").textContent + "\n" + document.getElementById("layout").textContent;
    this.jobs = new Map();
    this.count = 0;
    this.here = null;
    try {
      this.worker = new Worker(URL.createObjectURL(new Blob([this.text], { type: "text/javascript" })));
      this.worker.onmessage = ({ data: { job, found } }) => {
        this.jobs.get(job).done(found);
        this.jobs.delete(job);
      };
      this.worker.onerror = () => this.withoutWorker();
    } catch {
      this.worker = null;
    }
  }

  withoutWorker() {
    this.worker = null;
    for (const { graph, done } of this.jobs.values()) done(this.now(graph));
    this.jobs.clear();
  }

  now(graph) {
    if (this.here === null) {
      const script = document.createElement("script");
      script.textContent = `${this.text}\nwindow.arrangeHere = arrange;`;
      document.head.append(script);
      this.here = window.arrangeHere;
    }
    return this.here(graph);
  }

  async arrange(graph) {
    if (!this.worker) return this.now(graph);
    return new Promise((done) => {
      this.jobs.set(++this.count, { graph, done });
      this.worker.postMessage({ job: this.count, graph });
    });
  }
}

class Pane {
  /**
   * @param figure the element to draw in
   * @param side "before" or "after"
   * @param events what to call: choose(operator), toggle(item), nothing()
   */
  constructor(figure, side, events) {
    this.figure = figure;
    this.side = side;
    this.events = events;
    this.layout = new Layout();
    this.view = { x: 0, y: 0, scale: 1 };
    this.turn = 0;
    this.world = make("g", { class: "world" });
    this.svg = make(
      "svg",
      { tabindex: 0, role: "application", "aria-label": `The graph ${side}: arrow keys go from operator to operator` },
      this.world,
    );
    this.caption = make("figcaption");
    this.busy = make("span", { class: "busy", role: "status" });
    figure.append(this.svg, this.caption, this.busy);
    this.listen();
  }

  /** Show another graph. `marks` says what happened to an operator: "gone", "come", "read" or nothing. */
  async open(graph, marks, title) {
    this.graph = graph;
    this.marks = marks;
    this.caption.replaceChildren(make("b", {}, this.side), ` ${title}`);
    await this.update();
    this.begin();
  }

  /** Lay out and draw what is to be shown now. What is chosen keeps its place on the screen, as far as it has one. */
  async update(anchor) {
    const turn = ++this.turn;
    const { items, at } = this.graph.shown();
    const edges = this.graph.edges(at);
    const nodes = items.map((item) => this.sized(item));
    const ends = this.ends(at, nodes.length);
    nodes.push(...ends.nodes);
    edges.push(...ends.edges);
    const sizes = nodes.map(({ width, height }) => ({ width, height }));
    this.busy.textContent = nodes.length > 150 ? `laying out ${nodes.length} …` : "";
    const pairs = edges.map(({ from, to }) => ({ from, to }));
    const found = await this.layout.arrange({ nodes: sizes, edges: pairs });
    if (turn !== this.turn) return;
    this.busy.textContent = "";
    const old = anchor === undefined ? null : this.centre(anchor);
    nodes.forEach((node, place) => Object.assign(node, found.nodes[place]));
    edges.forEach((edge, place) => (edge.points = found.edges[place]));
    Object.assign(this, { items, at, nodes, edges, width: found.width, height: found.height });
    this.draw();
    const now = anchor === undefined ? null : this.centre(anchor);
    if (old && now) {
      this.view.x += (old.x - now.x) * this.view.scale;
      this.view.y += (old.y - now.y) * this.view.scale;
      this.move();
    }
  }

  centre(operator) {
    const node = this.nodes && this.nodes[this.at[operator]];
    return node ? { x: node.x, y: node.y } : null;
  }

  /** What an item says, and how large it is then. */
  sized(item) {
    const graph = this.graph;
    let name, kind;
    if (item.inside) {
      name = item.place === undefined ? `${item.members.length} operators` : graph.titles.get(item.place);
      kind = item.place === undefined ? this.kinds(item) : `${item.members.length} operators`;
    } else {
      const operator = graph.operators[item.operator];
      name = operator.operator;
      kind = operator.outputs.length ? kindOf(graph.data.tensors[operator.outputs[0]], true) : "no result";
      if (operator.outputs.length > 1) kind += ` +${operator.outputs.length - 1}`;
    }
    name = cut(name, 36);
    kind = cut(kind, 40);
    const width = Math.max(64, widest([name, NAME], [kind, KIND])) + 20;
    return { item, name, kind, width, height: 42 };
  }

  kinds(item) {
    const counts = new Map();
    for (const member of item.members) {
      const name = this.graph.operators[member].operator;
      counts.set(name, (counts.get(name) || 0) + 1);
    }
    const sorted = [...counts].sort((a, b) => b[1] - a[1]);
    const changed = item.members.filter((member) => this.marks(member)).length;
    const more = sorted.length > 2 ? ` +${sorted.length - 2}` : "";
    const kinds = sorted.slice(0, 2).map(([name, count]) => `${count} ${cut(name, 16)}`).join(", ") + more;
    return item.parcel && changed ? `${changed} changed, ${kinds}` : kinds;
  }

  /** The inputs and outputs of the subgraph; many of them as one. */
  ends(at, first) {
    const { data, producer, consumers } = this.graph;
    const nodes = [];
    const edges = [];
    const add = (what, tensors) => {
      const names = tensors.map((tensor) => data.tensors[tensor].name || `#${tensor}`);
      const name = cut(tensors.length === 1 ? names[0] : `${tensors.length} ${what}s`, 30);
      const kind = tensors.length === 1 ? kindOf(data.tensors[tensors[0]], true) : "";
      const width = Math.max(60, widest([name, NAME], [kind, KIND])) + 24;
      nodes.push({ end: what, tensors, name, kind, width, height: 38 });
      return first + nodes.length - 1;
    };
    const groups = (tensors) => (tensors.length > MOST_ENDS ? [tensors] : tensors.map((tensor) => [tensor]));
    const inputs = groups(data.inputs.filter((tensor) => consumers.has(tensor)));
    for (const tensors of inputs) {
      const from = add("input", tensors);
      const to = new Set(tensors.flatMap((tensor) => consumers.get(tensor)).map((reader) => at[reader]));
      for (const each of to) edges.push({ from, to: each, tensors: new Set(tensors) });
    }
    for (const tensors of groups(data.outputs.filter((tensor) => producer.has(tensor)))) {
      const to = add("output", tensors);
      const from = new Set(tensors.map((tensor) => at[producer.get(tensor)]));
      for (const each of from) edges.push({ from: each, to, tensors: new Set(tensors) });
    }
    return { nodes, edges };
  }

  draw() {
    const wires = make("g");
    for (const edge of this.edges) {
      edge.element = make("path", { class: "edge", d: this.wire(edge) });
      edge.element.append(make("title", {}, this.told(edge)));
      wires.append(edge.element);
    }
    const boxes = make("g");
    for (const node of this.nodes) {
      node.element = this.drawn(node);
      boxes.append(node.element);
    }
    this.world.replaceChildren(wires, boxes);
    this.paint();
    this.move();
  }

  wire({ from, to, points }) {
    const [first, last] = [this.nodes[from], this.nodes[to]];
    const way = [{ x: points[0].x, y: first.y + first.height / 2 }, ...points.slice(1, -1)];
    way.push({ x: points[points.length - 1].x, y: last.y - last.height / 2 });
    let d = `M${way[0].x.toFixed(1)} ${way[0].y.toFixed(1)}`;
    for (let place = 1; place < way.length; place++) {
      const [a, b] = [way[place - 1], way[place]];
      const middle = ((a.y + b.y) / 2).toFixed(1);
      d += `C${a.x.toFixed(1)} ${middle} ${b.x.toFixed(1)} ${middle} ${b.x.toFixed(1)} ${b.y.toFixed(1)}`;
    }
    return d;
  }

  told({ tensors }) {
    const some = [...tensors].slice(0, 8).map((index) => this.graph.data.tensors[index]);
    return some.map((tensor) => `${tensor.name}\n${kindOf(tensor)}`).join("\n");
  }

  drawn(node) {
    const { x, y, width, height, item, name, kind } = node;
    const classes = ["item"];
    let title = node.end ? `${node.end}: ${node.name}` : "";
    if (node.end) classes.push("end");
    else if (item.inside) {
      classes.push("box");
      title = `${item.members.length} operators: click to unfold`;
      if (item.place !== undefined) classes.push(this.marks(item.members[0]) || "");
    } else {
      classes.push(this.marks(item.operator) || "");
      title = `${this.graph.operators[item.operator].operator}, operator ${item.operator}`;
    }
    const element = make(
      "g",
      { class: classes.join(" ").trim(), transform: `translate(${(x - width / 2).toFixed(1)} ${(y - height / 2).toFixed(1)})` },
      make("title", {}, title),
      make("rect", { width, height, rx: node.end ? height / 2 : 7 }),
      make("text", { x: width / 2, y: kind ? 17 : height / 2 + 4 }, name),
      kind ? make("text", { x: width / 2, y: 33, class: "kind" }, kind) : null,
    );
    if (item) {
      element.dataset[item.inside ? "box" : "operator"] = item.inside ? item.id : item.operator;
      element.addEventListener("click", (event) => {
        event.stopPropagation();
        if (this.dragged) return;
        if (item.inside) this.events.toggle(this, item);
        else this.events.choose(this, item.operator);
      });
    }
    return element;
  }

  /** Mark what is chosen. `hits` are operators, `wires` tensors; `colour` gives an operator a fill of its own. */
  mark({ hits, wires, chosen, colour }) {
    this.marked = { hits, wires, chosen, colour };
    if (this.nodes) this.paint();
  }

  paint() {
    const { hits = new Set(), wires = new Set(), chosen = null, colour = null } = this.marked || {};
    const hitItems = new Set([...hits].map((operator) => this.at[operator]));
    const chosenItem = chosen === null ? -1 : this.at[chosen];
    let any = chosenItem >= 0;
    this.nodes.forEach((node, place) => {
      const hit = hitItems.has(place);
      any = any || hit;
      node.element.classList.toggle("hit", hit);
      node.element.classList.toggle("chosen", place === chosenItem);
      const fill = colour && node.item ? colour(node.item.members) : "";
      node.element.querySelector("rect").style.fill = fill || "";
    });
    for (const edge of this.edges) {
      const hit = [...edge.tensors].some((tensor) => wires.has(tensor));
      any = any || hit;
      edge.element.classList.toggle("hit", hit);
      edge.element.classList.toggle("near", chosenItem >= 0 && (edge.from === chosenItem || edge.to === chosenItem));
    }
    this.world.classList.toggle("dimmed", any);
  }

  /** Whether anything of some operators and tensors can be brought into sight; if so it is. */
  show(operators, tensors = new Set()) {
    const nodes = [...operators].map((operator) => this.nodes[this.at[operator]]).filter(Boolean);
    for (const edge of this.edges) {
      if ([...edge.tensors].some((tensor) => tensors.has(tensor))) nodes.push(this.nodes[edge.from], this.nodes[edge.to]);
    }
    if (!nodes.length) return false;
    const left = Math.min(...nodes.map(({ x, width }) => x - width / 2));
    const right = Math.max(...nodes.map(({ x, width }) => x + width / 2));
    const top = Math.min(...nodes.map(({ y, height }) => y - height / 2));
    const bottom = Math.max(...nodes.map(({ y, height }) => y + height / 2));
    const { width, height } = this.svg.getBoundingClientRect();
    const scale = Math.min(1, (width - 60) / (right - left), (height - 120) / (bottom - top));
    this.place((left + right) / 2, (top + bottom) / 2, Math.max(scale, 0.12));
    return true;
  }

  /** The first view: all of it if that can be read, else the first thing that changed. */
  begin() {
    const whole = this.whole();
    if (whole >= READABLE) return this.all();
    const first = this.nodes.find(({ element }) => element.matches(".gone, .come")) || this.nodes[0];
    this.place(first ? first.x : 0, first ? first.y : 0, 0.75);
    // No empty space above the graph, or beside one that fits.
    this.view.y = Math.min(this.view.y, 36);
    const { width } = this.svg.getBoundingClientRect();
    if (this.width * this.view.scale < width) this.view.x = (width - this.width * this.view.scale) / 2;
    this.move();
  }

  whole() {
    const { width, height } = this.svg.getBoundingClientRect();
    return Math.min(1, width / (this.width || 1), (height - 40) / (this.height || 1));
  }

  all() {
    this.place(this.width / 2, this.height / 2 - 12, Math.max(this.whole(), 0.02));
  }

  place(x, y, scale) {
    const { width, height } = this.svg.getBoundingClientRect();
    this.view = { x: width / 2 - x * scale, y: height / 2 - y * scale, scale };
    this.move();
  }

  move() {
    const { x, y, scale } = this.view;
    this.world.setAttribute("transform", `translate(${x} ${y}) scale(${scale})`);
  }

  zoom(factor, x, y) {
    const box = this.svg.getBoundingClientRect();
    const [left, top] = [x === undefined ? box.width / 2 : x - box.left, y === undefined ? box.height / 2 : y - box.top];
    const scale = Math.min(NEAREST, Math.max(0.02, this.view.scale * factor));
    const by = scale / this.view.scale;
    this.view = { x: left - (left - this.view.x) * by, y: top - (top - this.view.y) * by, scale };
    this.move();
  }

  listen() {
    const { svg } = this;
    let from = null;
    svg.addEventListener("pointerdown", (event) => {
      from = { x: event.clientX - this.view.x, y: event.clientY - this.view.y, at: [event.clientX, event.clientY] };
      this.dragged = false;
    });
    svg.addEventListener("pointermove", (event) => {
      if (!from || !event.buttons) return;
      if (!this.dragged && Math.hypot(event.clientX - from.at[0], event.clientY - from.at[1]) < 4) return;
      if (!this.dragged) svg.setPointerCapture(event.pointerId);
      this.dragged = true;
      this.view.x = event.clientX - from.x;
      this.view.y = event.clientY - from.y;
      this.move();
    });
    svg.addEventListener("pointerup", () => (from = null));
    svg.addEventListener("click", () => this.dragged || this.events.nothing());
    svg.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        this.zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), event.clientX, event.clientY);
      },
      { passive: false },
    );
    svg.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
    if (steps[event.key]) this.step(...steps[event.key]);
    else if (event.key === "Enter" || event.key === " ") this.enter();
    else if (event.key === "+" || event.key === "=") this.zoom(1.3);
    else if (event.key === "-") this.zoom(1 / 1.3);
    else if (event.key === "0") this.all();
    else return;
    event.preventDefault();
  }

  current() {
    const chosen = this.marked ? this.marked.chosen : null;
    return chosen === null || chosen === undefined ? -1 : this.at[chosen];
  }

  /** Go to the nearest item on that side: along an edge up and down, to a neighbour left and right. */
  step(x, y) {
    const here = this.current();
    let places;
    if (here < 0) places = [this.nodes.findIndex(({ item }) => item)];
    else if (y) places = this.edges.filter((e) => (y > 0 ? e.from : e.to) === here).map((e) => (y > 0 ? e.to : e.from));
    else {
      places = this.nodes.map((_, place) => place);
      const middle = this.nodes[here];
      places = places.filter((place) => {
        const node = this.nodes[place];
        return Math.abs(node.y - middle.y) < middle.height && (node.x - middle.x) * x > 0;
      });
    }
    places = places.filter((place) => place >= 0 && this.nodes[place].item);
    if (!places.length) return;
    const middle = this.nodes[Math.max(here, 0)];
    places.sort((a, b) => Math.abs(this.nodes[a].x - middle.x) - Math.abs(this.nodes[b].x - middle.x));
    const item = this.nodes[places[0]].item;
    this.events.choose(this, item.members[0]);
    this.keepInSight(this.nodes[places[0]]);
  }

  keepInSight({ x, y }) {
    const { width, height } = this.svg.getBoundingClientRect();
    const [left, top] = [x * this.view.scale + this.view.x, y * this.view.scale + this.view.y];
    if (left < 60 || top < 60 || left > width - 60 || top > height - 60) this.place(x, y, this.view.scale);
  }

  enter() {
    const here = this.current();
    if (here < 0) return;
    const { item } = this.nodes[here];
    if (item.inside) this.events.toggle(this, item);
    else if (item.within) this.events.fold(this, item);
  }
}
