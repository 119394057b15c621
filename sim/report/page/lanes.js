/* Where each node's lifeline lies: clients above, the broker between, servers below. */

const LANES_KIND_GAP = 1.7; /* between clients, broker and servers, in gaps between neighbours */

/* The clients that are shown, those first that had trouble: [[node, trouble], ...]. */
function clientsByInterest(model, shown) {
    const trouble = new Map();
    const add = (node, points) => trouble.set(node, (trouble.get(node) || 0) + points);

    for (const request of shown.requests) {
        const failed = request.row !== null && request.row.outcome !== 'answered';
        if (request.datagrams.length > 0 || request.events.length > 0) {
            add(request.client, failed ? 1000 : 0);
        }
    }
    for (const i of shown.datagrams) {
        const d = model.datagrams[i];
        for (const node of [d.client, d.from, d.to]) {
            if (node >= 0 && model.nodes[node].kind === 'client') {
                add(node, d.fate === 'delivered' ? 0 : 1);
            }
        }
    }
    return [...trouble.entries()];
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
 * `most` clients have a lane of their own; those left share one (`others` = how many). The node
 * `wanted` (-1: none) always has its own. */
export function chooseLanes(model, shown, most, wanted) {
    const used = nodesInUse(model, shown);
    const clients = clientsByInterest(model, shown);
    const lanes = [];
    let own = clients.map((c) => c[0]);
    let rest = [];

    if (own.length > most) {
        clients.sort((a, b) => (b[0] === wanted) - (a[0] === wanted) || b[1] - a[1] || a[0] - b[0]);
        own = clients.slice(0, most - 1).map((c) => c[0]);
        rest = clients.slice(most - 1).map((c) => c[0]);
    }
    for (const node of own.sort((a, b) => a - b)) {
        lanes.push({ name: model.nodes[node].name, kind: 'client', nodes: [node], others: 0 });
    }
    if (rest.length > 0) {
        lanes.push({
            name: `${rest.length} others`, kind: 'client', nodes: rest, others: rest.length,
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
    const weights = lanes.map((lane, i) =>
        (i === 0 ? 0 : lane.kind === lanes[i - 1].kind ? 1 : LANES_KIND_GAP));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const gap = Math.min((bottom - top) / Math.max(1, total), (bottom - top) / 2.2);
    let y = top + ((bottom - top) - gap * total) / 2;

    lanes.forEach((lane, i) => {
        y += gap * weights[i];
        lane.y = y;
        for (const node of lane.nodes) yOf[node] = y;
    });
    return { yOf, gap };
}
