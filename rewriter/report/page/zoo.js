"use strict";
/* A run over many models: a table of all, from which each that rules changed is opened. */

const ROWS_AT_ONCE = 500;

const COLUMNS = [
  { name: "model", of: (row) => row.input, drawn: modelName },
  { name: "result", of: (row) => row.result, drawn: (row, { bad }) => make("span", { class: bad.includes(row.result) ? "verdict bad" : "verdict" }, row.result) },
  { name: "applied", number: true, of: applied, drawn: (row) => (applied(row) ? count(applied(row)) : "") },
  { name: "operators", number: true, of: (row) => row.operators && row.operators.before, drawn: (row) => bothSides(row.operators, count) },
  { name: "size", number: true, of: (row) => row.bytes && row.bytes.before, drawn: (row) => bothSides(row.bytes, bytes) },
  { name: "check", of: checked, drawn: (row) => make("span", { class: row.check && row.check.status === "failed" ? "verdict bad" : "verdict" }, checked(row)) },
  { name: "worst max rel", number: true, of: worst, drawn: (row) => (worst(row) === undefined ? "" : figure(row.check.max_rel)) },
  { name: "seconds", number: true, of: seconds, drawn: (row) => (row.seconds ? seconds(row).toFixed(2) : "") },
];

function applied(row) {
  return Object.values(row.rules_applied || {}).reduce((sum, each) => sum + each, 0);
}

function seconds(row) {
  return Object.values(row.seconds || {}).reduce((sum, each) => sum + each, 0);
}

function checked(row) {
  if (!row.check || !applied(row)) return "";
  return row.check.level === "none" ? "none" : row.check.status;
}

/** The largest relative error of an output, undefined where nothing was compared. */
function worst(row) {
  if (!row.check || !row.check.outputs) return undefined;
  return row.check.max_rel === null ? Infinity : row.check.max_rel;
}

function bothSides(sides, written) {
  if (!sides) return "";
  const [before, after] = [written(sides.before), written(sides.after)];
  return before === after ? before : `${before} → ${after}`;
}

/** A model's name below the folder that all are in. */
function modelName(row, { folder }) {
  const below = row.input.slice(folder.length);
  const name = shorter(below);
  return [make("span", { class: "soft" }, broken(below.slice(0, below.length - name.length))), ...broken(name)];
}

class Zoo {
  constructor(document_, app) {
    this.document = document_;
    this.app = app;
    this.wanted = { text: "", result: "", rule: null, reason: null };
    this.order = { column: null, falling: false };
    this.chosen = null;
    this.tab = "rules";
    this.most = ROWS_AT_ONCE;
    const find = element("find-model");
    find.addEventListener("input", () => this.want({ text: find.value.trim().toLowerCase() }));
    const results = element("which-result").querySelector("select");
    results.append(make("option", { value: "" }, `all ${count(document_.rows.length)}`));
    results.append(...Object.entries(document_.summary.results).map(([name, many]) => make("option", { value: name }, `${name} ${count(many)}`)));
    results.addEventListener("change", () => this.want({ result: results.value }));
    element("back").addEventListener("click", () => (location.hash = ""));
    window.addEventListener("hashchange", () => this.go());
  }

  /** Show what the address names: a model by its number, or else all. */
  async go() {
    const number = location.hash.slice(1);
    const row = /^\d+$/.test(number) ? this.document.rows[Number(number)] : undefined;
    if (row && row.graphs) await this.open(Number(number));
    else this.all();
  }

  all() {
    this.showing(true);
    this.head();
    this.side();
    this.models();
    element("details").replaceChildren(...this.details());
    const row = element("models").querySelector('[aria-selected="true"]');
    if (row) row.scrollIntoView({ block: "nearest" });
  }

  async open(number) {
    const row = this.document.rows[number];
    this.chosen = number;
    const packed = Uint8Array.from(atob(row.graphs), (each) => each.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    const models = await new Response(stream).json();
    if (location.hash !== `#${number}`) return; // somebody went elsewhere meanwhile
    document.title = `${shorter(row.input)} · rewriter`;
    this.showing(false);
    await this.app.openFile({ ...this.document, input: row.input, output: row.output, models });
  }

  showing(all) {
    element("zoo").hidden = !all;
    element("graphs").hidden = all;
    element("back").hidden = all;
    element("side").setAttribute("aria-label", all ? "What was done to all models" : "What was done");
  }

  /** Show only some of the models. */
  want(what) {
    Object.assign(this.wanted, what);
    this.most = ROWS_AT_ONCE;
    this.side();
    this.models();
  }

  head() {
    const { rows, summary, folder, bad } = this.document;
    element("title").replaceChildren(`${count(rows.length)} model${rows.length === 1 ? "" : "s"}`, folder ? make("span", { class: "soft" }, ` in ${folder}`) : "");
    element("title").title = "";
    document.title = `${count(rows.length)} model${rows.length === 1 ? "" : "s"} · rewriter`;
    const fact = (value, name, kind) => make("div", { class: "figure" }, make("b", { class: kind || null }, value), make("span", {}, name));
    const facts = Object.entries(summary.results).map(([name, many]) => fact(count(many), name, bad.includes(name) ? "bad" : null));
    if (summary.not_done) facts.push(fact(count(summary.not_done), "not done: it was stopped", "bad"));
    if (summary.operators) facts.push(fact(bothSides(summary.operators, count), "operators"), fact(bothSides(summary.bytes, bytes), "files"));
    facts.push(fact(`${Number(summary.seconds).toFixed(1)} s`, "in all"));
    element("figures").replaceChildren(...facts);
  }

  // -- beside the table -----------------------------------------------------------------------------------------------

  side() {
    const kinds = { rules: ["Rules", () => this.rules()] };
    if (this.document.rows.some((row) => row.error)) kinds.failed = ["Failed", () => this.failed()];
    const tabs = Object.entries(kinds).map(([key, [name]]) =>
      make("button", { type: "button", role: "tab", id: `tab-${key}`, "aria-selected": String(key === this.tab), "aria-controls": "tables", tabindex: key === this.tab ? 0 : -1, onclick: () => this.openTab(key) }, name),
    );
    element("tabs").replaceChildren(...tabs);
    element("tables").replaceChildren(...kinds[this.tab][1]());
  }

  openTab(key) {
    this.tab = key;
    this.side();
    element(`tab-${key}`).focus();
  }

  rules() {
    const { rules } = this.document;
    if (!rules.length) return [make("p", { class: "soft" }, "No rule matched in any model.")];
    return some(rules, (rule) => {
      const pressed = this.wanted.rule === rule.rule;
      return make(
        "button",
        { type: "button", class: "rule", "aria-pressed": String(pressed), "data-rule": rule.rule, onclick: () => this.want({ rule: pressed ? null : rule.rule, reason: null }) },
        make("span", { class: "count" }, `${count(rule.models)} model${rule.models === 1 ? "" : "s"}, ${count(rule.places)}×`),
        make("span", { class: "name" }, broken(rule.rule)),
        rule.doc ? make("span", { class: "doc" }, rule.doc) : null,
        rule.equal ? badges({ ...rule, count: rule.places }) : null,
      );
    });
  }

  /** What was wrong, each reason once. */
  failed() {
    const reasons = new Map();
    for (const { error } of this.document.rows) {
      if (error) reasons.set(error.message, [(reasons.get(error.message) || [0])[0] + 1, error.try]);
    }
    return [...reasons].map(([message, [many, hint]]) => {
      const pressed = this.wanted.reason === message;
      return make(
        "button",
        { type: "button", class: "rule", "aria-pressed": String(pressed), onclick: () => this.want({ reason: pressed ? null : message, rule: null }) },
        make("span", { class: "count" }, `${count(many)} model${many === 1 ? "" : "s"}`),
        make("span", { class: "bad" }, message),
        hint ? make("span", { class: "doc" }, `Try: ${hint}`) : null,
      );
    });
  }

  // -- the table ------------------------------------------------------------------------------------------------------

  shown() {
    const { text, result, rule, reason } = this.wanted;
    const found = this.document.rows
      .map((row, number) => [row, number])
      .filter(
        ([row]) =>
          (!text || row.input.toLowerCase().includes(text)) &&
          (!result || row.result === result) &&
          (!rule || (row.result === "rewritten" && row.rules_applied[rule])) &&
          (!reason || (row.error && row.error.message === reason)),
      );
    const { column, falling } = this.order;
    if (column) {
      const sign = falling ? -1 : 1;
      // What has no value comes last in either order.
      const missing = (value) => value === undefined || value === null || value === "";
      found.sort(([one], [two]) => {
        const [a, b] = [column.of(one), column.of(two)];
        if (missing(a) || missing(b)) return Number(missing(a)) - Number(missing(b));
        return sign * (a < b ? -1 : a > b ? 1 : 0);
      });
    }
    return found;
  }

  models() {
    const found = this.shown();
    const focused = document.activeElement && document.activeElement.dataset.row;
    const direction = (column) => (this.order.column !== column ? "none" : this.order.falling ? "descending" : "ascending");
    const heads = COLUMNS.map((column) =>
      make(
        "th",
        { class: column.number ? "number" : null, scope: "col", "aria-sort": direction(column) },
        make("button", { type: "button", class: "sort", onclick: () => this.sort(column) }, column.name, { none: "", ascending: " ↑", descending: " ↓" }[direction(column)]),
      ),
    );
    const rows = found.slice(0, this.most).map(([row, number]) =>
      make(
        "tr",
        {
          "data-row": number,
          tabindex: 0,
          "aria-selected": String(this.chosen === number),
          onclick: () => this.choose(number),
          ondblclick: () => this.enter(number),
          onkeydown: (event) => event.key === "Enter" && event.target.dataset.row && (this.chosen === number ? this.enter(number) : this.choose(number)),
        },
        COLUMNS.map((column) => make("td", { class: column.number ? "number" : null }, column.drawn(row, this.document))),
      ),
    );
    const more = found.length - rows.length;
    element("models").replaceChildren(
      make("table", {}, make("thead", {}, make("tr", {}, heads)), make("tbody", {}, rows)),
      ...(more > 0 ? [make("button", { type: "button", class: "link", onclick: () => this.grow() }, `${count(more)} more`)] : []),
    );
    const { rule, reason } = this.wanted;
    element("shown").textContent = found.length === this.document.rows.length ? "" : `${count(found.length)} shown${rule || reason ? `, with ${rule ? shorter(rule) : "this reason"}` : ""}`;
    const again = focused === undefined ? null : element("models").querySelector(`[data-row="${focused}"]`);
    if (again) again.focus({ preventScroll: true });
  }

  grow() {
    this.most *= 10;
    this.models();
  }

  sort(column) {
    const same = this.order.column === column;
    // Figures are looked at from the largest one.
    this.order = same && this.order.falling !== Boolean(column.number) ? { column: null, falling: false } : { column, falling: same ? !this.order.falling : Boolean(column.number) };
    this.models();
    const place = COLUMNS.indexOf(column);
    element("models").querySelectorAll(".sort")[place].focus();
  }

  choose(number) {
    this.chosen = number;
    this.models();
    element("details").replaceChildren(...this.details());
  }

  enter(number) {
    if (this.document.rows[number].graphs) location.hash = String(number);
  }

  chooseNothing() {
    if (this.chosen === null) return;
    this.chosen = null;
    this.models();
    element("details").replaceChildren();
  }

  details() {
    if (this.chosen === null) return [];
    const row = this.document.rows[this.chosen];
    const found = [make("h2", {}, broken(row.input))];
    if (row.graphs) found.push(make("button", { type: "button", id: "open-model", onclick: () => this.enter(this.chosen) }, "Show both graphs"));
    else if (row.graphs === "") found.push(make("p", { class: "soft" }, "Its graphs are too large for this page: make a report of this model alone."));
    if (row.error) {
      found.push(make("p", { class: "bad" }, row.error.message));
      if (row.error.try) found.push(make("p", {}, `Try: ${row.error.try}`));
    }
    if (row.output) found.push(make("p", { class: "soft" }, `written to ${row.output}`));
    const rules = Object.entries(row.rules_applied || {});
    if (rules.length) found.push(make("h3", {}, "Rules"), table(["rule", "places"], rules.map(([name, many]) => [broken(name), count(many)]), [1]));
    else if (row.result === "unchanged") found.push(make("p", {}, "No rule matched: the output is the input, byte for byte."));
    if (row.seconds) found.push(make("h3", {}, "Seconds"), table(["step", "s"], Object.entries(row.seconds).map(([step, time]) => [step, time.toFixed(3)]), [1]));
    return found;
  }
}
