"use strict";
/* The tables beside the graphs. Each function gives the elements of one; `app` is what they call when somebody chooses. */

const SHOWN_AT_ONCE = 60;

const count = (number) => Number(number).toLocaleString("en");
const shorter = (name) => name.slice(name.lastIndexOf("/") + 1);

function bytes(number) {
  if (number < 10000) return `${count(number)} B`;
  const [unit, name] = [[1e9, "GB"], [1e6, "MB"], [1e3, "kB"]].find(([size]) => number >= size);
  return `${Number((number / unit).toPrecision(3))} ${name}`;
}

function figure(number) {
  if (number === null || number === undefined) return "not finite";
  if (number === 0) return "0";
  return Math.abs(number) < 1e-3 ? Number(number).toExponential(2) : Number(number).toPrecision(3);
}

/** A tensor's name, a long one by the first of those that a converter joined. */
function nameOf(name) {
  if (name.length <= 48) return name;
  const [first, ...more] = name.split(";");
  return cut(first, 48) + (more.length ? "…" : "");
}

function change(before, after, written = count) {
  if (before === after) return "=";
  return `${after > before ? "+" : "−"}${written(Math.abs(after - before))}`;
}

function table(heads, rows, numbers = []) {
  const kind = (place) => (numbers.includes(place) ? "number" : null);
  return make(
    "table",
    {},
    make("thead", {}, make("tr", {}, heads.map((head, place) => make("th", { class: kind(place), scope: "col" }, head)))),
    make(
      "tbody",
      {},
      rows.map((row) => make("tr", {}, row.map((cell, place) => make("td", { class: kind(place) }, cell)))),
    ),
  );
}

/** A long list, its first part now and the rest when it is asked for. */
function some(list, drawn, most = SHOWN_AT_ONCE) {
  const elements = list.slice(0, most).map(drawn);
  if (list.length <= most) return elements;
  const more = make("button", { type: "button", class: "link" }, `${count(list.length - most)} more`);
  more.addEventListener("click", () => more.replaceWith(...some(list.slice(most), drawn, most * 10)));
  return [...elements, more];
}

const BADGES = {
  claimed: ["weak", "claimed", "Nothing was shown of this rule but what it says of itself."],
  tested: ["strong", "tested", "Instances of both sides were run and compared."],
  identity: ["strong", "identity", "Both sides are the same expression in exact arithmetic."],
  "all values": ["strong", "all values", "Every value of its 8-bit inputs was tried."],
};

function badges(rule) {
  const [strength, name, told] = BADGES[rule.shown] || ["", rule.shown, ""];
  const examples = rule.examples ? ` · ${count(rule.examples)}` : "";
  const marks = [make("span", { class: "badge" }, rule.equal)];
  if (rule.kind === "cleanup") marks.push(make("span", { class: "badge", title: "No pattern describes it." }, "cleanup"));
  else marks.unshift(make("span", { class: `badge ${strength}`, title: told }, name + examples));
  if (rule.lossy) marks.push(make("span", { class: "badge warn" }, "lossy"));
  if (rule.changes_interface) marks.push(make("span", { class: "badge warn" }, "changes the interface"));
  return marks;
}

function applicationButton(app, change, index) {
  const same = app.model.applications.length > 1 && !change.rule;
  const what = change.what || `${change.operators_before.length} → ${change.operators_after.length} operators`;
  return make(
    "button",
    {
      type: "button",
      class: "application",
      "data-application": index,
      "aria-pressed": String(app.state.application === index),
      title: change.root,
      onclick: () => app.chooseApplication(index),
    },
    nameOf(change.root) || (same ? "an operator without results" : "the model"),
    make("span", { class: "soft" }, `  ${what}`),
    change.check && !change.check.equal ? make("span", { class: "badge warn" }, "differs") : null,
  );
}

function rulesTable(app) {
  const { rules, applications } = app.model;
  if (!applications.length) {
    return [make("p", { class: "soft" }, app.compared ? "No operator differs." : "No rule matched: the output is the input, byte for byte.")];
  }
  const numbered = applications.map((change, index) => [change, index]);
  if (!rules.length) {
    return [
      make("p", { class: "soft" }, `${count(applications.length)} places differ. Choose one to see it in both graphs.`),
      ...some(numbered, ([each, index]) => applicationButton(app, each, index)),
    ];
  }
  return rules.flatMap((rule) => {
    const open = app.state.rule === rule.rule;
    const button = make(
      "button",
      {
        type: "button",
        class: "rule",
        "data-rule": rule.rule,
        "aria-pressed": String(open),
        "aria-expanded": String(open),
        onclick: () => app.chooseRule(open && app.state.application === null ? null : rule.rule),
      },
      make("span", { class: "count" }, `${count(rule.count)}×`),
      make("span", { class: "name" }, broken(rule.rule)),
      rule.doc ? make("span", { class: "doc" }, rule.doc) : null,
      badges(rule),
    );
    if (!open) return [button];
    const mine = numbered.filter(([each]) => each.rule === rule.rule);
    return [button, make("div", { class: "applications" }, some(mine, ([each, index]) => applicationButton(app, each, index)))];
  });
}

function checksTable(app) {
  const { check } = app.model;
  if (!check || check.status === "skipped") return [make("p", { class: "soft" }, "Nothing was run: no check was asked for, or nothing changed.")];
  const verdict = (each) => make("span", { class: each.equal ? "verdict good" : "verdict bad" }, each.equal ? "equal" : "different");
  const found = [make("h2", { class: check.status === "passed" ? "good" : "bad" }, `Check ${check.status}`)];
  found.push(...check.failures.map((sentence) => make("p", { class: "bad" }, sentence)));
  found.push(...check.warnings.map((sentence) => make("p", {}, `Note: ${sentence}`)));
  if (check.outputs.length) {
    found.push(make("h3", {}, "Outputs of the whole model, the worst over all inputs and kernels"));
    const rows = check.outputs.map((each) => [
      each.name,
      figure(each.max_abs),
      figure(each.max_rel),
      [verdict(each), each.varied ? null : make("span", { class: "badge weak", title: "It never moved with the inputs: that it agrees proves nothing." }, "constant"), each.excused ? make("span", { class: "badge weak", title: "So many elements differ by more than is stated, where rounding alone tips a decision." }, `${count(each.excused)} excused`) : null],
    ]);
    found.push(table(["output", "max abs", "max rel", ""], rows, [1, 2]));
  }
  if (check.kernels.length) {
    found.push(make("h3", {}, "Runs of the whole model"));
    found.push(table(["kernels", "inputs", ""], check.kernels.map((each) => [each.kernels, count(each.ran), each.reason || ""]), [1]));
  }
  if (check.places.length) {
    found.push(make("h3", {}, "Places by themselves"));
    const drawn = (each) => {
      const index = app.model.applications.findIndex((one) => one.rule === each.rule && one.root === each.root && one.subgraph === each.subgraph);
      const name = make("button", { type: "button", class: "link", title: each.root, onclick: () => app.chooseApplication(index) }, broken(nameOf(each.root)));
      const ran = Object.entries(each.ran).map(([kernels, times]) => `${times} ${kernels}`).join(", ");
      return [
        [index >= 0 ? name : each.root, make("div", { class: "soft" }, broken(each.rule), ` · ${ran}`), each.reason ? make("div", { class: "soft" }, each.reason) : null],
        figure(each.max_abs),
        figure(each.limit),
        verdict(each),
      ];
    };
    found.push(table(["place", "max abs", "allowed", ""], check.places.slice(0, 300).map(drawn), [1, 2]));
    if (check.places.length > 300) found.push(make("p", { class: "soft" }, `and ${count(check.places.length - 300)} more`));
  }
  return found;
}

function sizesTable(app) {
  const { before, after } = app.model.sizes;
  const row = (name, part, written) => [name, written(before[part]), written(after[part]), change(before[part], after[part], written)];
  const rows = [
    row("file", "bytes", bytes),
    row("constants", "constant_bytes", bytes),
    row("operators", "operators", count),
    row("tensors", "tensors", count),
    row("subgraphs", "subgraphs", count),
  ];
  const kinds = new Map();
  for (const [side, sizes] of [["before", before], ["after", after]]) {
    for (const { operator, count: many, constant_bytes: held } of sizes.kinds) {
      if (!kinds.has(operator)) kinds.set(operator, { before: 0, after: 0, held: 0 });
      kinds.get(operator)[side] = many;
      kinds.get(operator).held = held;
    }
  }
  const sorted = [...kinds].sort(([, a], [, b]) => {
    const changed = (each) => Number(each.before !== each.after);
    return changed(b) - changed(a) || Math.max(b.before, b.after) - Math.max(a.before, a.after);
  });
  const most = Math.max(1, ...sorted.map(([, each]) => Math.max(each.before, each.after)));
  const bar = (side, each) => (each[side] ? make("span", { class: `bar ${side}`, style: `width:${(100 * each[side]) / most}%` }) : null);
  return [
    table(["", "before", "after", "change"], rows, [1, 2, 3]),
    make("h3", {}, "Operators by kind: those that changed in number come first"),
    table(
      ["kind", "before", "after", "change"],
      sorted.map(([name, each]) => [[name, bar("before", each), bar("after", each)], count(each.before), count(each.after), change(each.before, each.after)]),
      [1, 2, 3],
    ),
  ];
}

function targetsTable(app) {
  const found = [];
  for (const target of app.model.targets) {
    found.push(make("h2", {}, target.target), target.doc ? make("p", { class: "soft" }, target.doc) : "");
    const parts = (side) => target[side].partitions.reduce((sum, each) => sum + each.length, 0);
    const outside = (side) => target[side].blocked.length;
    const inside = (side) => app.model.sizes[side].operators - outside(side);
    const rows = [["partitions", parts], ["operators inside", inside], ["operators outside", outside]];
    found.push(table(["", "before", "after", "change"], rows.map(([name, of]) => [name, count(of("before")), count(of("after")), change(of("before"), of("after"))]), [1, 2, 3]));
    for (const side of ["before", "after"]) {
      if (!target[side].blocked.length) continue;
      found.push(make("h3", {}, `What stays outside ${side === "before" ? "before" : "after"}`));
      // What differs in figures alone is one kind; the first one's are shown.
      const groups = new Map();
      for (const each of target[side].blocked) {
        const key = `${each.operator} ${each.reason.replace(/\d+/g, "#")}`;
        if (!groups.has(key)) groups.set(key, []);
        groups.get(key).push(each);
      }
      const drawn = ([{ subgraph, index, operator, reason }, ...more]) =>
        make(
          "p",
          {},
          make("button", { type: "button", class: "link", onclick: () => app.chooseOperator(side, [subgraph, index]) }, `${operator}: ${reason}`),
          more.length ? make("span", { class: "soft" }, ` and ${count(more.length)} more`) : "",
        );
      found.push(...some([...groups.values()], drawn, 12));
    }
  }
  return found;
}

function timesTable(app) {
  const { before, after } = app.model.times;
  const ms = (number) => (number === null || number === undefined ? "" : number.toFixed(3));
  const found = [make("p", { class: "soft" }, `Measured by ${before.measured === "runtime" ? "the runtime's profiler" : "running each operator alone"}; milliseconds, the least of several runs.`)];
  if (before.reason) found.push(make("p", { class: "soft" }, before.reason));
  const both = [["all operators", before.sum_ms, after && after.sum_ms], ["whole model", before.whole_ms, after && after.whole_ms]];
  found.push(table(["", "before", "after"], both.map(([name, ...each]) => [name, ...each.map(ms)]), [1, 2]));
  const kinds = new Map();
  for (const [side, times] of [["before", before], ["after", after]]) {
    for (const each of times ? times.kinds : []) {
      const name = each.delegate ? `${each.kind} (delegate)` : each.kind;
      if (!kinds.has(name)) kinds.set(name, {});
      kinds.get(name)[side] = each;
    }
  }
  const cost = ([, each]) => Math.max(...["before", "after"].map((side) => (each[side] ? each[side].ms : 0)));
  const cell = (each) => (each ? `${ms(each.ms)} · ${each.count}×` : "");
  const sorted = [...kinds].sort((a, b) => cost(b) - cost(a));
  found.push(make("h3", {}, "By kind"), table(["kind", "before", "after"], sorted.map(([name, each]) => [name, cell(each.before), cell(each.after)]), [1, 2]));
  for (const [side, times] of [["before", before], ["after", after]]) {
    const timed = (times ? times.operators : []).filter((each) => each.ms).sort((a, b) => b.ms - a.ms).slice(0, 15);
    if (!timed.length) continue;
    found.push(make("h3", {}, `Slowest operators ${side}`));
    const drawn = (each) => [
      make("button", { type: "button", class: "link", onclick: () => app.chooseOperator(side, [each.subgraph, each.index]) }, `${each.index} ${each.operator}`),
      ms(each.ms),
    ];
    found.push(table(["operator", "ms"], timed.map(drawn), [1]));
  }
  return found;
}

function notesTable(app) {
  const { model } = app;
  const found = [];
  const list = (title, rows) => rows && rows.length && found.push(make("h3", {}, title), ...some(rows, (row) => make("p", {}, row)));
  list("What differs besides operators", model.remarks);
  if (model.stop_reason) list("The run ended at", [model.stop_reason]);
  list("Matched, and could not be applied", (model.misses || []).map((each) => `${each.rule} at ${each.root}: ${each.reason}`));
  list("Rules left out", (model.not_used || []).map((each) => `${each.rule}: ${each.reason}`));
  list("Packs left out", (model.packs_left_out || []).map((each) => each.reason));
  if (model.seconds) list("Seconds", Object.entries(model.seconds).map(([step, time]) => `${step}: ${time.toFixed(3)}`));
  return found;
}

function tensorLine(app, side, graph, index, role) {
  if (index < 0) return make("tr", {}, make("td", { class: "soft" }, role), make("td", { class: "soft" }, "absent"));
  const tensor = graph.data.tensors[index];
  const maker = graph.producer.get(index);
  const roles = [];
  if (tensor.constant_bytes !== undefined) roles.push(`constant, ${bytes(tensor.constant_bytes)}`);
  if (tensor.variable) roles.push("variable");
  if (tensor.sparse) roles.push("sparse");
  if (graph.data.inputs.includes(index)) roles.push("input");
  if (graph.data.outputs.includes(index)) roles.push("output");
  const lines = [make("div", {}, tensor.name || `#${index}`), make("div", { class: "mono" }, kindOf(tensor))];
  const q = tensor.quantization;
  if (q && q.channels) lines.push(make("div", { class: "soft" }, `${q.channels} scales from ${figure(q.scale[0])} to ${figure(q.scale[1])}, zero points ${q.zero_points.join(", ")}`));
  if (roles.length) lines.push(make("div", { class: "soft" }, roles.join(", ")));
  if (tensor.values !== undefined) lines.push(make("div", { class: "mono" }, JSON.stringify(tensor.values)));
  const step = (operator) => make("button", { type: "button", class: "link", onclick: () => app.chooseOperator(side, [app.shown[side], operator]) }, `${operator} ${graph.operators[operator].operator}`);
  if (role === "result") {
    const readers = graph.consumers.get(index) || [];
    if (readers.length) lines.push(make("div", { class: "soft" }, "read by ", readers.slice(0, 12).flatMap((reader, place) => (place ? [", ", step(reader)] : [step(reader)]))));
  } else if (maker !== undefined) lines.push(make("div", { class: "soft" }, "made by ", step(maker)));
  return make("tr", {}, make("td", { class: "soft" }, role), make("td", {}, lines));
}

function operatorDetails(app, side, index) {
  const graph = app.panes[side].graph;
  const operator = graph.operators[index];
  const where = [app.shown[side], index];
  const found = [make("h2", {}, operator.operator, make("span", { class: "soft" }, ` operator ${index} ${side}, version ${operator.version}`))];
  for (const number of app.changesOf(side, where).slice(0, 8)) {
    const each = app.model.applications[number];
    const verb = { before: "Replaced by", after: "Made by" }[side];
    found.push(make("p", {}, each.rule ? `${verb} ` : "Differs: ", make("button", { type: "button", class: "link", onclick: () => app.chooseApplication(number) }, each.rule || each.root), each.rule ? ` at ${each.root}` : ""));
  }
  if (operator.same) {
    const other = side === "before" ? "after" : "before";
    const twin = `operator ${operator.same[1]} ${other}`;
    found.push(make("p", { class: "soft" }, "Unchanged: ", make("button", { type: "button", class: "link", onclick: () => app.chooseOperator(other, operator.same) }, twin)));
  }
  const box = app.boxOf(side, index);
  if (box) found.push(make("p", {}, make("button", { type: "button", class: "link", onclick: () => app.fold(app.panes[side], box) }, "Fold the box that it is in")));
  for (const target of app.model.targets) {
    const blocked = target[side].blocked.find((each) => each.subgraph === where[0] && each.index === index);
    const partition = (target[side].partitions[where[0]] || []).findIndex((each) => each.includes(index));
    found.push(make("p", {}, make("b", {}, target.target), blocked ? `: outside, ${blocked.reason}` : `: partition ${partition + 1}`));
  }
  for (const body of operator.bodies || []) {
    found.push(make("p", {}, make("button", { type: "button", class: "link", onclick: () => app.openSubgraph(body, side) }, `Runs subgraph ${body}`)));
  }
  const time = app.timeOf(side, where);
  if (time) found.push(make("p", {}, time.ms === null ? `no time${time.delegated ? ": a delegate runs it" : ""}` : `${time.ms.toFixed(3)} ms`, time.note ? ` (${time.note})` : ""));
  const rows = operator.outputs.map((tensor) => tensorLine(app, side, graph, tensor, "result"));
  rows.push(...operator.inputs.map((tensor, place) => tensorLine(app, side, graph, tensor, operator.operands[place] || `operand ${place}`)));
  found.push(make("h3", {}, "Results and operands"), make("table", { class: "tensors" }, make("tbody", {}, rows)));
  const attributes = Object.entries(operator.attributes);
  if (attributes.length) {
    const value = (given) => (typeof given === "string" ? given : JSON.stringify(given));
    found.push(make("h3", {}, "Attributes"), make("table", { class: "attributes" }, make("tbody", {}, attributes.map(([name, given]) => make("tr", {}, make("td", { class: "soft" }, name), make("td", { class: "mono" }, value(given)))))));
  }
  return found;
}

function applicationDetails(app, number) {
  const each = app.model.applications[number];
  const rule = app.model.rules.find((one) => one.rule === each.rule);
  const names = (several) => {
    const counts = new Map();
    for (const name of several) counts.set(name, (counts.get(name) || 0) + 1);
    return [...counts].map(([name, many]) => (many > 1 ? `${many} ${name}` : name)).join(", ");
  };
  const found = [make("h2", {}, each.rule ? broken(each.rule) : "A place that differs"), make("p", {}, "at ", make("b", {}, each.root || "no tensor"), each.subgraph ? ` in subgraph ${each.subgraph}` : "")];
  if (each.what) found.push(make("p", {}, each.what));
  if (each.operators_before.length || each.operators_after.length) {
    found.push(make("p", {}, make("span", { class: "bad" }, "− "), names(each.operators_before) || "nothing"));
    found.push(make("p", {}, make("span", { class: "good" }, "+ "), names(each.operators_after) || (each.rule ? "nothing: its readers read what was there already" : "nothing")));
  }
  const check = each.check;
  if (check) {
    const limit = check.limit === null ? "" : `, ${figure(check.limit)} allowed`;
    found.push(make("p", {}, "By itself: ", make("span", { class: check.equal ? "good" : "bad" }, check.equal ? "equal" : "different"), `, max abs ${figure(check.max_abs)}${limit}`));
  }
  return rule ? [...found, ...ruleText(rule)] : found;
}

function ruleText(rule) {
  return [
    make("p", {}, badges(rule)),
    rule.doc ? make("p", { class: "soft" }, rule.doc) : "",
    make("h3", {}, `${rule.file.slice(rule.file.lastIndexOf("/") + 1)}, line ${rule.line}`),
    make("pre", {}, rule.text),
  ];
}
