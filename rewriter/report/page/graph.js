"use strict";
/* What is shown of a subgraph: its operators, or boxes of several that are unfolded when somebody asks. */

const FEW_CHANGED = 60; // changed operators that are shown one by one from the start
const MANY_ITEMS = 220; // more than this side by side are put into parcels
const PARCEL = 60;
const MOST_SHOWN = 700; // beyond that, what was unfolded first is folded again

class Graph {
  /**
   * One side of one subgraph.
   *
   * @param data the subgraph, as the document has it
   * @param places for each operator that was changed, the number of the place that it belongs to
   * @param kept operators that are shown although nothing changed them
   * @param titles what each place is called
   */
  constructor(data, places, kept, titles) {
    this.data = data;
    this.places = places;
    this.titles = titles;
    this.operators = data.operators;
    this.unfolded = new Set();
    this.producer = new Map();
    this.consumers = new Map();
    data.operators.forEach((operator, index) => {
      for (const tensor of operator.outputs) this.producer.set(tensor, index);
    });
    this.before = data.operators.map((operator, index) => {
      const found = new Set();
      for (const tensor of operator.inputs) {
        const maker = this.producer.get(tensor);
        if (maker !== undefined && maker !== index) found.add(maker);
        if (tensor >= 0) {
          if (!this.consumers.has(tensor)) this.consumers.set(tensor, []);
          const readers = this.consumers.get(tensor);
          if (readers[readers.length - 1] !== index) readers.push(index);
        }
      }
      return [...found];
    });
    this.single = new Set(kept);
    const together = places.size > FEW_CHANGED;
    this.root = this.divide(this.regions(together), "");
  }

  /** The items at the top: changed operators, boxes of places, and boxes of what hangs together and did not change. */
  regions(together) {
    const group = new Map();
    if (together) {
      for (const [operator, place] of this.places) {
        if (!group.has(place)) group.set(place, []);
        group.get(place).push(operator);
      }
      for (const [place, members] of group) if (members.length < 3) group.delete(place);
    }
    let atoms = this.atoms(group);
    while (atoms === null) atoms = this.atoms(group);
    return this.join(atoms);
  }

  /** Operators, and places as one, in an order in which they could run; null where a place had to be given up. */
  atoms(group) {
    const of = new Map();
    const atoms = [];
    for (const [place, members] of group) {
      const atom = { members: members.slice().sort((a, b) => a - b), place, changed: true };
      atoms.push(atom);
      for (const each of members) of.set(each, atom);
    }
    this.operators.forEach((_, index) => {
      if (of.has(index)) return;
      const atom = { members: [index], changed: this.places.has(index) || this.single.has(index) };
      atoms.push(atom);
      of.set(index, atom);
    });
    for (const atom of atoms) {
      atom.before = new Set();
      atom.readers = [];
      for (const member of atom.members) {
        for (const maker of this.before[member]) if (of.get(maker) !== atom) atom.before.add(of.get(maker));
      }
    }
    for (const atom of atoms) for (const maker of atom.before) maker.readers.push(atom);
    const waits = new Map(atoms.map((atom) => [atom, atom.before.size]));
    const ready = atoms.filter((atom) => !atom.before.size);
    const order = [];
    while (ready.length) {
      let next = 0;
      ready.forEach((atom, place) => {
        if (atom.members[0] < ready[next].members[0]) next = place;
      });
      const atom = ready[next];
      ready[next] = ready[ready.length - 1];
      ready.pop();
      atom.turn = order.length;
      order.push(atom);
      for (const reader of atom.readers) {
        waits.set(reader, waits.get(reader) - 1);
        if (!waits.get(reader)) ready.push(reader);
      }
    }
    if (order.length === atoms.length) return order;
    // What reads and is read by something between its operators cannot stand as one.
    const left = new Set(atoms);
    for (const atom of order) left.delete(atom);
    for (const atom of left) if (atom.place !== undefined) group.delete(atom.place);
    return null;
  }

  /**
   * Boxes for unchanged operators that hang together. Two that have a changed one between them are never in one box,
   * so that no box both feeds a changed operator and reads it.
   */
  join(order) {
    const parent = new Map();
    const find = (atom) => {
      while (parent.has(atom)) atom = parent.get(atom);
      return atom;
    };
    for (const atom of order) {
      atom.level = atom.changed ? 1 : 0;
      for (const maker of atom.before) {
        atom.level = Math.max(atom.level, maker.level + (maker.changed === atom.changed ? 0 : 1));
      }
    }
    // What depends on constants alone, such as weights that are unpacked, belongs to who reads it.
    const given = new Set(this.data.inputs);
    for (const atom of order) {
      const reads = (member) => this.operators[member].inputs.some((tensor) => given.has(tensor));
      atom.constant = !atom.changed && [...atom.before].every((maker) => maker.constant) && !atom.members.some(reads);
    }
    for (const atom of order.slice().reverse()) {
      if (!atom.constant || !atom.readers.length) continue;
      atom.level = Math.min(...atom.readers.map((reader) => reader.level - (reader.changed ? 1 : 0)));
    }
    for (const atom of order) {
      if (atom.changed) continue;
      for (const maker of atom.before) {
        if (!maker.changed && maker.level === atom.level && find(maker) !== find(atom)) parent.set(find(maker), find(atom));
      }
    }
    // So do those that feed one changed operator, which cannot be in a box with them: they are in one of their own.
    const feeding = new Map();
    for (const atom of order) {
      if (!atom.constant || atom.readers.length !== 1 || !atom.readers[0].changed) continue;
      const first = feeding.get(atom.readers[0]);
      if (first === undefined) feeding.set(atom.readers[0], atom);
      else if (find(first) !== find(atom)) parent.set(find(atom), find(first));
    }
    const boxes = new Map();
    const items = [];
    for (const atom of order) {
      if (atom.changed) {
        const box = atom.place !== undefined && atom.members.length > 1;
        items.push({ item: box ? this.box(atom.members, atom.place) : this.operator(atom.members[0]), ...atom });
        continue;
      }
      const root = find(atom);
      if (!boxes.has(root)) {
        const box = { members: [], level: root.level, turn: atom.turn };
        boxes.set(root, box);
        items.push(box);
      }
      boxes.get(root).members.push(...atom.members);
    }
    for (const box of boxes.values()) {
      box.members.sort((a, b) => a - b);
      box.item = box.members.length > 1 ? this.box(box.members) : this.operator(box.members[0]);
    }
    // Along every edge the level rises, or stays and the turn comes later: an order in which they could run.
    items.sort((a, b) => a.level - b.level || a.turn - b.turn);
    return items.map(({ item }) => item);
  }

  operator(index) {
    return { id: `o${index}`, operator: index, members: [index] };
  }

  box(members, place) {
    const inside = () => this.divide(members.map((index) => this.operator(index)), `b${members[0]}:${members.length}`);
    return { id: `b${members[0]}:${members.length}`, members, place, inside, items: null };
  }

  /** Too many items side by side become parcels of neighbours. */
  divide(items, id) {
    if (items.length <= MANY_ITEMS) return items;
    const parcels = [];
    const size = Math.max(PARCEL, Math.ceil(items.length / MANY_ITEMS));
    for (let start = 0; start < items.length; start += size) {
      const held = items.slice(start, start + size);
      const members = held.flatMap((item) => item.members);
      parcels.push({ id: `${id}/p${start}`, members, parcel: true, inside: () => held, items: null });
    }
    return parcels;
  }

  /** The items that are shown now, and for each operator the one that shows it. */
  shown() {
    const items = [];
    const at = new Array(this.operators.length);
    const visit = (item) => {
      if (item.inside && this.unfolded.has(item.id)) {
        item.items = item.items || item.inside();
        for (const each of item.items) visit(Object.assign(each, { within: item }));
        return;
      }
      for (const member of item.members) at[member] = items.length;
      items.push(item);
    };
    this.root.forEach(visit);
    return { items, at };
  }

  /** Unfold what hides an operator. Says whether anything was unfolded. */
  reveal(operator) {
    let changed = false;
    for (;;) {
      const { items, at } = this.shown();
      const item = items[at[operator]];
      if (!item || !item.inside) return changed;
      this.unfold(item.id);
      changed = true;
    }
  }

  unfold(id) {
    this.unfolded.delete(id);
    this.unfolded.add(id);
    for (const first of this.unfolded) {
      if (first === id || this.shown().items.length <= MOST_SHOWN) break;
      this.unfolded.delete(first);
    }
  }

  fold(item) {
    if (item.within) this.unfolded.delete(item.within.id);
  }

  /** Which tensors run between items: each pair once. */
  edges(at) {
    const found = new Map();
    this.operators.forEach((operator, index) => {
      for (const tensor of operator.inputs) {
        const maker = this.producer.get(tensor);
        if (maker === undefined || at[maker] === at[index]) continue;
        const key = at[maker] * 1e6 + at[index];
        if (!found.has(key)) found.set(key, { from: at[maker], to: at[index], tensors: new Set() });
        found.get(key).tensors.add(tensor);
      }
    });
    return [...found.values()];
  }
}

/** Changes that share operators, made one after the other at the same place, are one place: numbers of places by change. */
function placesOf(changes) {
  const parent = changes.map((_, index) => index);
  const find = (each) => {
    while (parent[each] !== each) each = parent[each] = parent[parent[each]];
    return each;
  };
  for (const side of ["before", "after"]) {
    const first = new Map();
    changes.forEach((change, index) => {
      for (const where of change[side]) {
        const key = where.join(":");
        if (first.has(key)) parent[find(index)] = find(first.get(key));
        else first.set(key, index);
      }
    });
  }
  return changes.map((_, index) => find(index));
}
