/* What happened: the two JSON blocks of the page as one model. Nothing changes it afterwards.
 *
 * model.run         the object of --json (scenario-language: "What machines read")
 * model.nodes       [{index, name, kind}], kind: broker, server, client
 * model.datagrams   in order of sending, see readDatagram
 * model.events      in order of time, see readEvent
 * model.requests    Map "c1/3" -> {key, client, n, row, datagrams, events}: row is the request in
 *                   run.requests (or null), the others are indexes in order of time
 * model.rules       [{line, text}] of the scenario's faults
 * model.end_ns      when the last thing happened
 */

/* Node names may not hold a slash, so that a request's key is unique: "c1/3". */
function requestKey(model, client, n) {
    return client < 0 || n === 0 ? '' : model.nodes[client].name + '/' + n;
}

/* A row of log.datagrams. All times are ns from the start of the run; nodes are indexes.
 * `end` is where its arrow ends (it arrived, or would have), `order` and `arrivedOrder` tell what
 * came first among things of one instant (arrivedOrder -1: never). */
function readDatagram(row, index, words) {
    const [
        sent,
        from,
        to,
        client,
        n,
        tryNumber,
        copy,
        carriage,
        size,
        due,
        arrived,
        fate,
        reason,
        kind,
        id,
        text,
        damage,
        order,
        arrivedOrder,
    ] = row;

    return {
        index,
        sent,
        from,
        to,
        client,
        n,
        try: tryNumber,
        copy,
        carriage,
        size,
        due,
        arrived,
        fate: words.fates[fate],
        reason,
        kind,
        id,
        text,
        damage: damage || null,
        order: order ?? -1,
        arrivedOrder: arrivedOrder ?? -1,
        end: arrived >= 0 ? arrived : Math.max(sent, due),
    };
}

/* A row of log.events: `node` where it happened (-1: the network), `client` and `n` of which
 * request, `detail` as the page's format says. */
function readEvent(row, index, words) {
    const [t, event, node, client, n, tryNumber, detail, order] = row;

    return {
        index,
        t,
        event: words.events[event],
        node,
        client,
        n,
        try: tryNumber,
        detail: detail || '',
        order: order ?? -1,
    };
}

/* Where a log has no order of its own, equal times are told apart by what usually causes what:
 * arrivals, then what nodes do, then what they send. */
function guessOrder(model) {
    const all = [];

    for (const d of model.datagrams) {
        all.push([
            d.sent,
            2,
            d.index,
            (order) => {
                d.order = order;
            },
        ]);
        if (d.arrived >= 0) {
            all.push([
                d.arrived,
                0,
                d.index,
                (order) => {
                    d.arrivedOrder = order;
                },
            ]);
        }
    }
    for (const e of model.events)
        all.push([
            e.t,
            1,
            e.index,
            (order) => {
                e.order = order;
            },
        ]);
    all.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
    all.forEach((item, order) => item[3](order));
}

/* A lost datagram has no end of its own: it is drawn as if it had flown as long as others do on
 * its link. */
function giveLostAnEnd(model) {
    const flights = new Map();
    const link = (d) => d.from * model.nodes.length + d.to;

    for (const d of model.datagrams) {
        if (d.arrived < 0) continue;
        const of = flights.get(link(d)) || { sum: 0, count: 0 };
        of.sum += d.arrived - d.sent;
        of.count++;
        flights.set(link(d), of);
    }
    let sum = 0;
    let count = 0;
    for (const of of flights.values()) {
        sum += of.sum;
        count += of.count;
    }
    for (const d of model.datagrams) {
        if (d.arrived >= 0 || d.due > d.sent) continue;
        const of = flights.get(link(d)) || { sum, count };
        d.end = d.sent + (of.count > 0 ? of.sum / of.count : 0);
    }
}

/* Fills model.requests from the run's list, the datagrams and the events. */
function collectRequests(model) {
    const byName = new Map(model.nodes.map((node) => [node.name, node.index]));
    const find = (key, client, n) => {
        let request = model.requests.get(key);
        if (!request) {
            request = { key, client, n, row: null, datagrams: [], events: [] };
            model.requests.set(key, request);
        }
        return request;
    };

    for (const row of model.run.requests || []) {
        const client = byName.get(row.client);
        if (client !== undefined) find(row.client + '/' + row.n, client, row.n).row = row;
    }
    for (const d of model.datagrams) {
        d.key = requestKey(model, d.client, d.n);
        if (d.key) find(d.key, d.client, d.n).datagrams.push(d.index);
    }
    for (const e of model.events) {
        e.key = requestKey(model, e.client, e.n);
        if (e.key) find(e.key, e.client, e.n).events.push(e.index);
    }
    model.requests = new Map(
        [...model.requests.entries()].sort((a, b) => a[1].client - b[1].client || a[1].n - b[1].n),
    );
}

/* The model of the page's two blocks (parsed JSON objects). */
export function readModel(run, log) {
    const model = {
        run,
        sampled: log.sampled,
        only: log.only,
        nodes: log.nodes.map((node, index) => ({ index, name: node.name, kind: node.kind })),
        datagrams: log.datagrams.map((row, i) => readDatagram(row, i, log.words)),
        events: log.events.map((row, i) => readEvent(row, i, log.words)),
        rules: log.rules.map(([line, text]) => ({ line, text })),
        series: log.series,
        latency: log.latency,
        tries: log.tries,
        losses: log.losses,
        requests: new Map(),
        end_ns: 0,
    };

    if (model.datagrams.some((d) => d.order < 0) || model.events.some((e) => e.order < 0)) {
        guessOrder(model);
    }
    giveLostAnEnd(model);
    collectRequests(model);
    for (const d of model.datagrams) model.end_ns = Math.max(model.end_ns, d.end);
    for (const e of model.events) model.end_ns = Math.max(model.end_ns, e.t);
    return model;
}

/* Whether most datagrams arrive at the very instant they are sent: such a run is better shown step
 * by step than by the clock. */
export function isWithoutDelay(model) {
    const arrived = model.datagrams.filter((d) => d.arrived >= 0);
    return arrived.filter((d) => d.arrived === d.sent).length * 2 > arrived.length;
}

/* The request to begin with: the first that lost something, tried again and was answered; else the
 * first that needed a second try, lost or was refused something; else the first of all. A request
 * or null. */
export function findTellingRequest(model) {
    const sorted = [...model.requests.values()].filter((r) => r.datagrams.length > 0);
    const first = (r) => model.datagrams[r.datagrams[0]].order;
    sorted.sort((a, b) => first(a) - first(b));
    const has = (r, fate) => r.datagrams.some((i) => model.datagrams[i].fate === fate);
    const retried = (r) => r.events.some((i) => model.events[i].event === 'timeout');
    const failed = (r) => r.row !== null && r.row.outcome !== 'answered';
    const executions = (r) => (r.row === null ? 0 : r.row.executions);

    return (
        sorted.find((r) => has(r, 'lost') && retried(r) && !failed(r) && executions(r) > 1) ||
        sorted.find((r) => has(r, 'lost') && retried(r) && !failed(r)) ||
        sorted.find((r) => retried(r)) ||
        sorted.find((r) => has(r, 'lost')) ||
        sorted.find(failed) ||
        sorted.find((r) => has(r, 'rejected')) ||
        sorted.find((r) => r.datagrams.some((i) => model.datagrams[i].damage !== null)) ||
        sorted[0] ||
        null
    );
}
