/* Where each node's lifeline lies: clients above, the broker between, servers below. */

const LANES_OF_MANY = 8; /* lanes of clients where most cannot have one */
const LANES_KIND_GAP = 1.7; /* between clients, broker and servers, in gaps between neighbours */

/* The clients that are shown, with how much is to be seen of each: [[node, points], ...]. What
 * happens within `focus` ({from, to} in ns) counts most, and what was lost or not taken. */
function clientsByInterest(model, shown, focus) {
    const points = new Map();
    const add = (node, more) => points.set(node, (points.get(node) || 0) + more);

    for (const i of shown.datagrams) {
        const d = model.datagrams[i];
        const near = d.end >= focus.from && d.sent <= focus.to ? 100 : 1;
        for (const node of [d.from, d.to]) {
            if (model.nodes[node].kind === 'client')
                add(node, d.fate === 'delivered' ? near : 3 * near);
        }
    }
    for (const i of shown.events) {
        const e = model.events[i];
        if (e.node >= 0 && model.nodes[e.node].kind === 'client') add(e.node, 0);
    }
    return [...points.entries()];
}

/* The servers and other nodes that anything shown happens at. */
function nodesInUse(model, shown) {
    const used = new Set();

    for (const i of shown.datagrams) {
        used.add(model.datagrams[i].from);
        used.add(model.datagrams[i].to);
    }
    for (const i of shown.events) if (model.events[i].node >= 0) used.add(model.events[i].node);
    return used;
}

/* Which lanes there are, from top to bottom: [{name, kind, nodes: [index], others}]. At most
 * `most` clients have a lane of their own, of a great many only a few; those left share one
 * (`others` = how many). The node `wanted` (-1: none) always has its own. */
export function chooseLanes(model, shown, most, wanted, focus) {
    const used = nodesInUse(model, shown);
    const clients = clientsByInterest(model, shown, focus);
    const lanes = [];
    let own = clients.map((c) => c[0]);
    let rest = [];

    if (own.length > most) {
        if (own.length > 3 * most) most = Math.min(most, LANES_OF_MANY);
        clients.sort((a, b) => (b[0] === wanted) - (a[0] === wanted) || b[1] - a[1] || a[0] - b[0]);
        own = clients.slice(0, most - 1).map((c) => c[0]);
        rest = clients.slice(most - 1).map((c) => c[0]);
    }
    for (const node of own.sort((a, b) => a - b)) {
        lanes.push({ name: model.nodes[node].name, kind: 'client', nodes: [node], others: 0 });
    }
    if (rest.length > 0) {
        lanes.push({
            name: `${rest.length} others`,
            kind: 'client',
            nodes: rest,
            others: rest.length,
        });
    }
    for (const kind of ['broker', 'server']) {
        for (const node of model.nodes) {
            if (node.kind === kind && (kind === 'broker' || used.has(node.index))) {
                lanes.push({ name: node.name, kind, nodes: [node.index], others: 0 });
            }
        }
    }
    return lanes;
}

/* Gives each lane its `y` between `top` and `bottom`, and returns the y of each node
 * (Float64Array by node; NaN: not drawn) with the `gap` between two neighbours, all in pixels. */
export function placeLanes(model, lanes, top, bottom) {
    const yOf = new Float64Array(model.nodes.length).fill(NaN);
    const crowded = lanes.some((lane) => lane.others > 20) ? 2 : 1;
    const weights = lanes.map((lane, i) =>
        i === 0 ? 0 : lane.kind === lanes[i - 1].kind ? 1 : LANES_KIND_GAP * crowded,
    );
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const gap = Math.min((bottom - top) / Math.max(1, total), (bottom - top) / 2.2);
    let y = top + (bottom - top - gap * total) / 2;

    lanes.forEach((lane, i) => {
        y += gap * weights[i];
        lane.y = y;
        for (const node of lane.nodes) yOf[node] = y;
    });
    return { yOf, gap };
}
