"use strict";
/* Brings the document, the tables and the two graphs together. */

const SIDES = ["before", "after"];
const other = (side) => (side === "before" ? "after" : "before");
const element = (id) => document.getElementById(id);

class App {
  constructor(document_) {
    this.document = document_;
    this.state = { rule: null, application: null, chosen: null };
    this.shown = { before: 0, after: 0 };
    const events = {
      choose: (pane, operator) => this.chooseOperator(pane.side, [this.shown[pane.side], operator], pane),
      toggle: (pane, item) => this.toggle(pane, item),
      fold: (pane, item) => this.fold(pane, item),
      nothing: () => this.chooseNothing(),
    };
    this.panes = {};
    for (const figure of document.querySelectorAll(".pane")) {
      this.panes[figure.dataset.side] = new Pane(figure, figure.dataset.side, events);
    }
  }

  /** Show a file's models, the first one at first. */
  async openFile(document_) {
    this.document = document_;
    const models = element("which-model").querySelector("select");
    models.replaceChildren(...document_.models.map((each, index) => make("option", { value: index }, each.name || document_.input)));
    await this.openModel(0);
  }

  async openModel(number) {
    this.model = this.document.models[number];
    this.compared = this.model.rules.length === 0 && !this.model.check;
    this.state = { rule: null, application: null, chosen: null };
    this.byOperator = { before: new Map(), after: new Map() };
    this.model.applications.forEach((each, index) => {
      for (const side of SIDES) {
        for (const where of each[side]) {
          const key = where.join(":");
          if (!this.byOperator[side].has(key)) this.byOperator[side].set(key, []);
          this.byOperator[side].get(key).push(index);
        }
      }
    });
    this.times = {};
    for (const side of SIDES) {
      const operators = (this.model.times[side] || { operators: [] }).operators;
      this.times[side] = new Map(operators.map((each) => [`${each.subgraph}:${each.index}`, each]));
    }
    this.places = placesOf(this.model.applications);
    this.tab = this.tab || "rules";
    this.choices();
    this.head();
    this.tables();
    element("details").replaceChildren();
    const first = this.model.applications.find((each) => each.before.length || each.after.length);
    await this.openSubgraph(first ? (first.before[0] || first.after[0])[0] : 0, first && !first.before.length ? "after" : "before");
  }

  /** Show a subgraph and the one that it is, or became, on the other side. */
  async openSubgraph(number, side = "before") {
    const graphs = this.model.graphs;
    const twin = graphs[side][number].operators.find((operator) => operator.same);
    const across = twin ? twin.same[0] : Math.min(number, graphs[other(side)].length - 1);
    this.shown = { [side]: number, [other(side)]: across };
    element("which-subgraph").querySelector("select").value = String(this.shown.before);
    await Promise.all(
      SIDES.map((each) => {
        const data = graphs[each][this.shown[each]];
        const marks = this.marks(each);
        const title = `${count(data.operators.length)} operators`;
        return this.panes[each].open(this.graph(each, data), marks, title);
      }),
    );
    this.colours();
    this.mark();
  }

  graph(side, data) {
    const places = new Map();
    const kept = new Set();
    const titles = new Map();
    const mine = (where) => where[0] === this.shown[side];
    this.model.applications.forEach((each, index) => {
      const place = this.places[index];
      for (const where of each[side].filter(mine)) places.set(where[1], place);
      if (side === "before") for (const where of each.reads.filter(mine)) kept.add(where[1]);
      const name = each.rule ? each.rule.slice(each.rule.lastIndexOf(".") + 1) : "a change";
      if (!titles.has(place)) titles.set(place, name);
      else if (titles.get(place) !== name) titles.set(place, "several rules");
    });
    data.operators.forEach((operator, index) => {
      if (!operator.same && !places.has(index)) kept.add(index);
    });
    // Where nothing stands for what went, its readers show it.
    this.model.applications.forEach((each) => {
      if (each[side].some(mine)) return;
      for (const [subgraph, tensor] of each[`tensors_${side}`]) {
        if (subgraph !== this.shown[side]) continue;
        data.operators.forEach((operator, index) => {
          if (operator.outputs.includes(tensor)) kept.add(index);
        });
      }
    });
    return new Graph(data, places, kept, titles);
  }

  /** What happened to an operator of a side. */
  marks(side) {
    const data = this.model.graphs[side][this.shown[side]];
    const reads = new Set(this.model.applications.flatMap((each) => (side === "before" ? each.reads : [])).map((where) => where.join(":")));
    return (operator) => {
      const key = `${this.shown[side]}:${operator}`;
      if (this.byOperator[side].has(key) || !data.operators[operator].same) return side === "before" ? "gone" : "come";
      return reads.has(key) ? "read" : null;
    };
  }

  changesOf(side, where) {
    return this.byOperator[side].get(where.join(":")) || [];
  }

  timeOf(side, where) {
    return this.times[side].get(where.join(":"));
  }

  // -- choosing -------------------------------------------------------------------------------------------------------

  async chooseRule(name) {
    this.state = { rule: name, application: null, chosen: null };
    this.tables();
    const rule = this.model.rules.find((each) => each.rule === name);
    element("details").replaceChildren(...(rule ? [make("h2", {}, broken(rule.rule)), ...ruleText(rule)] : []));
    this.mark();
    if (rule) this.showHits();
  }

  async chooseApplication(index) {
    const each = this.model.applications[index];
    this.state = { rule: each.rule, application: index, chosen: null };
    this.tables();
    element("details").replaceChildren(...applicationDetails(this, index));
    const where = each.before[0] || each.tensors_before[0];
    if (where && where[0] !== this.shown.before) await this.openSubgraph(where[0]);
    await Promise.all(SIDES.map((side) => this.reveal(side, each)));
    this.mark();
    this.showHits();
  }

  async reveal(side, change) {
    const pane = this.panes[side];
    let unfolded = false;
    for (const [subgraph, operator] of change[side].slice(0, 100)) {
      if (subgraph === this.shown[side]) unfolded = pane.graph.reveal(operator) || unfolded;
    }
    if (unfolded) await pane.update();
  }

  /** Show all about an operator, and the same one, or what became of it, on the other side. */
  async chooseOperator(side, where, from = null) {
    if (where[0] !== this.shown[side]) await this.openSubgraph(where[0], side);
    const changes = this.changesOf(side, where);
    const application = changes.includes(this.state.application) ? this.state.application : changes.length ? changes[changes.length - 1] : null;
    const rule = application === null ? null : this.model.applications[application].rule;
    const tables = application !== this.state.application || rule !== this.state.rule;
    this.state = { rule, application, chosen: { side, operator: where[1] } };
    if (tables) this.tables();
    element("details").replaceChildren(...operatorDetails(this, side, where[1]));
    const pane = this.panes[side];
    if (!from && pane.graph.reveal(where[1])) await pane.update();
    this.mark();
    if (!from) pane.show([where[1]]);
    const across = this.panes[other(side)];
    const same = pane.graph.operators[where[1]].same;
    if (same) across.show([same[1]]);
    else across.show(...this.hits(other(side)));
  }

  chooseNothing() {
    const { rule, application, chosen } = this.state;
    if (rule === null && application === null && chosen === null) return;
    this.state = { rule: null, application: null, chosen: null };
    element("details").replaceChildren();
    this.tables();
    this.mark();
  }

  // -- what is marked -------------------------------------------------------------------------------------------------

  /** The operators and tensors of a side that belong to what is chosen. */
  hits(side) {
    const { rule, application } = this.state;
    const changes = application !== null ? [this.model.applications[application]] : this.model.applications.filter((each) => rule !== null && each.rule === rule);
    const mine = (several) => several.filter((where) => where[0] === this.shown[side]).map((where) => where[1]);
    const operators = new Set();
    const tensors = new Set();
    for (const each of changes) {
      const found = mine(each[side]);
      for (const operator of found) operators.add(operator);
      if (!found.length) for (const tensor of mine(each[`tensors_${side}`])) tensors.add(tensor);
    }
    return [operators, tensors];
  }

  mark() {
    const { chosen } = this.state;
    for (const side of SIDES) {
      const [hits, wires] = this.hits(side);
      let here = null;
      if (chosen && chosen.side === side) here = chosen.operator;
      else if (chosen) {
        const same = this.panes[chosen.side].graph.operators[chosen.operator].same;
        if (same && same[0] === this.shown[side]) here = same[1];
      }
      this.panes[side].mark({ hits, wires, chosen: here, colour: this.colour(side) });
    }
  }

  showHits() {
    for (const side of SIDES) this.panes[side].show(...this.hits(side));
  }

  // -- folding --------------------------------------------------------------------------------------------------------

  async toggle(pane, item) {
    const across = this.panes[other(pane.side)];
    pane.graph.unfold(item.id);
    const jobs = [pane.update(item.members[0])];
    // The same on the other side: the box of the same place, or of the same operators.
    const twin = this.twinOf(pane, across, item);
    if (twin) {
      across.graph.unfold(twin.id);
      jobs.push(across.update(twin.members[0]));
    }
    await Promise.all(jobs);
    this.state.chosen = { side: pane.side, operator: item.members[0] };
    element("details").replaceChildren(...operatorDetails(this, pane.side, item.members[0]));
    this.mark();
  }

  /** The item that shows an operator, if it came out of a box. */
  boxOf(side, operator) {
    const { items, at } = this.panes[side].graph.shown();
    const item = items[at[operator]];
    return item && !item.inside && item.within ? item : null;
  }

  twinOf(pane, across, item) {
    const { items, at } = across.graph.shown();
    if (item.place !== undefined) return items.find((each) => each.inside && each.place === item.place);
    for (const member of item.members) {
      const same = pane.graph.operators[member].same;
      if (!same || same[0] !== this.shown[across.side]) continue;
      const found = items[at[same[1]]];
      return found && found.inside && found.place === undefined ? found : null;
    }
    return null;
  }

  async fold(pane, item) {
    pane.graph.fold(item);
    await pane.update(item.members[0]);
    if (this.state.chosen) element("details").replaceChildren(...operatorDetails(this, this.state.chosen.side, this.state.chosen.operator));
    this.mark();
  }

  async foldAll() {
    for (const side of SIDES) this.panes[side].graph.unfolded.clear();
    await Promise.all(SIDES.map((side) => this.panes[side].update()));
    this.mark();
    for (const side of SIDES) this.panes[side].begin();
  }

  // -- colours --------------------------------------------------------------------------------------------------------

  colours() {
    const select = element("colours").querySelector("select");
    const kinds = ["what changed", ...this.model.targets.map((each) => `partitions: ${each.target}`)];
    if (this.times.before.size) kinds.push("time");
    const old = select.value;
    select.replaceChildren(...kinds.map((each) => make("option", { value: each }, each)));
    if (kinds.includes(old)) select.value = old;
    element("colours").hidden = kinds.length < 2;
  }

  /** What fills an item, by its operators; null where that is told by what changed. */
  colour(side) {
    const chosen = element("colours").querySelector("select").value;
    const subgraph = this.shown[side];
    if (chosen === "time") {
      const most = Math.max(...[...this.times[side].values()].map((each) => each.ms || 0), 1e-9);
      return (members) => {
        const ms = members.reduce((sum, each) => sum + ((this.timeOf(side, [subgraph, each]) || {}).ms || 0), 0);
        return `color-mix(in srgb, #e8590c ${Math.min(100, Math.round((85 * ms) / most))}%, var(--card))`;
      };
    }
    const target = this.model.targets.find((each) => `partitions: ${each.target}` === chosen);
    if (!target) return null;
    const of = new Map();
    (target[side].partitions[subgraph] || []).forEach((each, index) => each.forEach((operator) => of.set(operator, index)));
    return (members) => {
      const found = new Set(members.map((each) => of.get(each)));
      if (found.size > 1) return "var(--sunk)";
      const [only] = found;
      return only === undefined ? "var(--gone-fill)" : `hsl(${(200 + only * 67) % 360} 60% 50% / .3)`;
    };
  }

  // -- the rest of the page -------------------------------------------------------------------------------------------

  head() {
    const { model } = this;
    const names = [this.document.input, this.document.output].filter(Boolean);
    const title = [shorter(names[0] || "a model")];
    if (names[1] && shorter(names[1]) !== title[0]) title.push(make("span", { class: "soft" }, ` → ${shorter(names[1])}`));
    if (model.name) title.push(make("span", { class: "soft" }, ` · ${shorter(model.name)}`));
    element("title").replaceChildren(...title);
    element("title").title = names.join(" → ");
    const { before, after } = model.sizes;
    const fact = (value, name, kind) => make("div", { class: "figure" }, make("b", { class: kind || null }, value), make("span", {}, name));
    const facts = [
      fact(`${count(before.operators)} → ${count(after.operators)}`, "operators"),
      fact(`${bytes(before.bytes)} → ${bytes(after.bytes)}`, "file"),
      this.compared ? fact(count(model.applications.length), "places differ") : fact(`${count(model.applications.length)}`, `place${model.applications.length === 1 ? "" : "s"}, ${count(model.rules.length)} rule${model.rules.length === 1 ? "" : "s"}`),
    ];
    if (model.check) {
      const { status, level } = model.check;
      const kind = { passed: "good", failed: "bad" }[status];
      const what = `check of the ${level === "rules" ? "places" : "model"}`;
      facts.push(status === "skipped" ? fact("not run", "check") : fact(status, what, kind));
    }
    element("figures").replaceChildren(...facts);
  }

  tables() {
    const kinds = { rules: [this.model.rules.length ? "Rules" : "Places", rulesTable] };
    if (this.model.check) kinds.checks = ["Checks", checksTable];
    kinds.sizes = ["Sizes", sizesTable];
    if (this.model.targets.length) kinds.targets = ["Targets", targetsTable];
    if (this.model.times.before) kinds.times = ["Time", timesTable];
    kinds.notes = ["Notes", notesTable];
    if (!kinds[this.tab]) this.tab = "rules";
    const tabs = Object.entries(kinds).map(([key, [name]]) =>
      make(
        "button",
        {
          type: "button",
          role: "tab",
          id: `tab-${key}`,
          "aria-selected": String(key === this.tab),
          "aria-controls": "tables",
          tabindex: key === this.tab ? 0 : -1,
          onclick: () => this.openTab(key),
        },
        name,
      ),
    );
    const focused = document.activeElement;
    const again = focused && (focused.dataset.rule !== undefined ? `[data-rule="${CSS.escape(focused.dataset.rule)}"]` : focused.dataset.application !== undefined ? `[data-application="${focused.dataset.application}"]` : null);
    element("tabs").replaceChildren(...tabs);
    element("tables").replaceChildren(...kinds[this.tab][1](this));
    if (again && element("tables").querySelector(again)) element("tables").querySelector(again).focus();
  }

  openTab(key) {
    this.tab = key;
    this.tables();
    element(`tab-${key}`).focus();
  }

  choices() {
    const models = element("which-model");
    models.hidden = this.document.models.length < 2;
    const subgraphs = element("which-subgraph");
    const graphs = this.model.graphs.before;
    subgraphs.hidden = graphs.length < 2;
    subgraphs.querySelector("select").replaceChildren(
      ...graphs.map((each) => make("option", { value: each.index }, `${each.index} ${each.name} (${each.operators.length})`)),
    );
    const swatch = (name, fill, line) => make("span", {}, make("i", { style: `background:var(${fill});border-color:var(${line})` }), name);
    const legend = [swatch(this.compared ? "only before" : "replaced", "--gone-fill", "--gone"), swatch(this.compared ? "only after" : "came", "--come-fill", "--come")];
    if (this.model.applications.some((each) => each.reads.length)) legend.push(swatch("matched, stays", "--read-fill", "--read"));
    element("legend").replaceChildren(...legend);
  }

  find(text, forward = true) {
    const wanted = text.trim().toLowerCase();
    if (wanted !== this.wanted) {
      this.wanted = wanted;
      this.at = -1;
      this.findings = [];
      for (const side of wanted ? ["after", "before"] : []) {
        this.model.graphs[side].forEach((graph, subgraph) =>
          graph.operators.forEach((operator, index) => {
            // What is the same on both sides is found once.
            if (side === "before" && operator.same) return;
            const names = [operator.operator, String(index), ...operator.outputs.map((tensor) => graph.tensors[tensor].name)];
            const hit = names[1] === wanted || names[0].toLowerCase().includes(wanted) || names.slice(2).some((name) => name.toLowerCase().includes(wanted));
            if (hit) this.findings.push([side, [subgraph, index]]);
          }),
        );
      }
    } else if (this.findings.length) {
      this.at = (this.at + (forward ? 1 : -1) + this.findings.length) % this.findings.length;
      this.chooseOperator(...this.findings[this.at]);
    }
    const many = count(this.findings.length);
    element("found").textContent = !wanted ? "" : this.at < 0 ? `${many} found${this.findings.length ? ", Enter" : ""}` : `${count(this.at + 1)} of ${many}`;
  }
}

function theme(app) {
  const dark = () => {
    const set = document.documentElement.dataset.theme;
    return set ? set === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  };
  const button = element("theme");
  const say = () => (button.textContent = dark() ? "Light" : "Dark");
  button.addEventListener("click", () => {
    document.documentElement.dataset.theme = dark() ? "light" : "dark";
    say();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", say);
  say();
}

async function begin() {
  const app = new App(JSON.parse(element("data").textContent));
  window.app = app;
  const zoo = app.document.rows ? new Zoo(app.document, app) : null;
  element("program").textContent = app.document.program;
  theme(app);
  const models = element("which-model").querySelector("select");
  models.addEventListener("change", () => app.openModel(Number(models.value)));
  const subgraphs = element("which-subgraph").querySelector("select");
  subgraphs.addEventListener("change", () => app.openSubgraph(Number(subgraphs.value)));
  element("colours").addEventListener("change", () => app.mark());
  element("fit").addEventListener("click", () => SIDES.forEach((side) => app.panes[side].all()));
  element("fold").addEventListener("click", () => app.foldAll());
  const find = element("find");
  find.addEventListener("input", () => app.find(find.value));
  find.addEventListener("keydown", (event) => {
    if (event.key === "Enter") app.find(find.value, !event.shiftKey);
  });
  element("tabs").addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    const tabs = [...element("tabs").children];
    const place = tabs.findIndex((tab) => tab.getAttribute("aria-selected") === "true");
    tabs[(place + step + tabs.length) % tabs.length].click();
  });
  const about = make("button", { type: "button", title: "Keys and licences (?)" }, "?");
  about.addEventListener("click", () => element("about").showModal());
  element("theme").after(about);
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, select, dialog") || event.ctrlKey || event.metaKey || event.altKey) {
      if (event.key === "Escape" && event.target === find) find.blur();
      return;
    }
    const keys = { t: () => element("theme").click(), "?": () => about.click() };
    if (element("zoo").hidden) Object.assign(keys, { "/": () => find.focus(), f: () => app.foldAll(), Escape: () => app.chooseNothing() });
    else Object.assign(keys, { "/": () => element("find-model").focus(), Escape: () => zoo.chooseNothing() });
    if (!keys[event.key]) return;
    keys[event.key]();
    event.preventDefault();
  });
  await (zoo ? zoo.go() : app.openFile(app.document));
  document.documentElement.dataset.ready = "true";
}

begin();
