/* The signs of the diagram, each told apart by its shape as well as its colour, and the stretches
 * of time in which something is out of order: crashes, pauses, partitions, faults, timers. */

/* Two crossed strokes: lost, or dead. `size` from the middle to the ends. */
export function drawCross(context, x, y, size, color, halo) {
    const path = new Path2D();

    path.moveTo(x - size, y - size);
    path.lineTo(x + size, y + size);
    path.moveTo(x - size, y + size);
    path.lineTo(x + size, y - size);
    context.lineCap = 'round';
    if (halo) {
        context.strokeStyle = halo;
        context.lineWidth = size * 0.5 + 4;
        context.stroke(path);
    }
    context.strokeStyle = color;
    context.lineWidth = Math.max(1.5, size * 0.5);
    context.stroke(path);
    context.lineCap = 'butt';
}

/* A clock whose time is over: a timeout. */
export function drawClock(context, x, y, size, color, fill) {
    context.beginPath();
    context.arc(x, y, size, 0, 2 * Math.PI);
    context.fillStyle = fill;
    context.fill();
    context.strokeStyle = color;
    context.lineWidth = Math.max(1.5, size * 0.28);
    context.stroke();
    context.beginPath();
    context.moveTo(x, y - size * 0.6);
    context.lineTo(x, y);
    context.lineTo(x + size * 0.45, y + size * 0.25);
    context.stroke();
}

/* A disc with a tick: answered. */
export function drawAnswered(context, x, y, size, color, fill) {
    context.beginPath();
    context.arc(x, y, size, 0, 2 * Math.PI);
    context.fillStyle = color;
    context.fill();
    context.beginPath();
    context.moveTo(x - size * 0.5, y);
    context.lineTo(x - size * 0.1, y + size * 0.42);
    context.lineTo(x + size * 0.52, y - size * 0.38);
    context.strokeStyle = fill;
    context.lineWidth = Math.max(1.3, size * 0.3);
    context.stroke();
}

/* A square standing on its corner with a cross: failed. */
export function drawFailed(context, x, y, size, color, fill) {
    const s = size * 1.35;

    context.beginPath();
    context.moveTo(x, y - s);
    context.lineTo(x + s, y);
    context.lineTo(x, y + s);
    context.lineTo(x - s, y);
    context.closePath();
    context.fillStyle = color;
    context.fill();
    drawCross(context, x, y, size * 0.4, fill, '');
}

/* A ring: a request begins. */
export function drawBegin(context, x, y, size, color, fill) {
    context.beginPath();
    context.arc(x, y, size * 0.62, 0, 2 * Math.PI);
    context.fillStyle = fill;
    context.fill();
    context.strokeStyle = color;
    context.lineWidth = Math.max(1.3, size * 0.28);
    context.stroke();
}

/* A box on the server's line, at least as wide as high: an execution and how long it took. */
export function drawExecution(context, x, y, width, size, color, fill) {
    const height = size * 1.3;

    context.fillStyle = fill;
    context.strokeStyle = color;
    context.lineWidth = Math.max(1.3, size * 0.28);
    context.beginPath();
    context.rect(
        width > height ? x : x - height / 2,
        y - height / 2,
        Math.max(width, height),
        height,
    );
    context.fill();
    context.stroke();
}

/* A bolt across an arrow: the link changed the datagram. */
export function drawDamage(context, x, y, size, color, halo) {
    context.beginPath();
    context.moveTo(x + size * 0.35, y - size * 1.1);
    context.lineTo(x - size * 0.55, y + size * 0.15);
    context.lineTo(x, y + size * 0.15);
    context.lineTo(x - size * 0.35, y + size * 1.1);
    context.lineTo(x + size * 0.55, y - size * 0.15);
    context.lineTo(x, y - size * 0.15);
    context.closePath();
    context.strokeStyle = halo;
    context.lineWidth = 3;
    context.stroke();
    context.fillStyle = color;
    context.fill();
}

/* A bracket over a lifeline: how long a timer ran. A timer that fired ends in a stop, one that was
 * beaten just ends. */
export function drawTimer(context, fromX, toX, y, foot, fired, color) {
    context.strokeStyle = color;
    context.lineWidth = 1.5;
    context.setLineDash(fired ? [] : [3, 3]);
    context.beginPath();
    context.moveTo(fromX, y + foot);
    context.lineTo(fromX, y);
    context.lineTo(toX, y);
    if (fired) context.lineTo(toX, y + foot);
    context.stroke();
    context.setLineDash([]);
}

/* ---- stretches of time ----------------------------------------------------------------------- */

/* Whether two texts of a partition and its heal belong together: a heal without a text of its own
 * ends all. */
function isEndOf(band, event) {
    if (event.event === 'heal') {
        return (
            band.kind === 'partition' &&
            (event.detail === '' || event.detail === 'heal' || event.detail === band.text)
        );
    }
    return band.kind === 'fault' && event.detail === 'ends: ' + band.text;
}

/* Partitions and timed faults: [{kind, text, from, to, row}], from and to are events (to null:
 * until the end); `row` is a line for its name such that names of one row do not overlap in time. */
export function findBands(model) {
    const bands = [];
    const rows = [];

    for (const e of model.events) {
        if (e.event === 'partition') {
            bands.push({ kind: 'partition', text: e.detail, from: e, to: null, row: 0 });
        } else if (e.event === 'fault' && !e.detail.startsWith('ends: ')) {
            const text = e.detail.replace(/^begins: /, '');
            bands.push({ kind: 'fault', text, from: e, to: null, row: 0 });
        } else if (e.event === 'heal' || e.event === 'fault') {
            for (const band of bands) if (band.to === null && isEndOf(band, e)) band.to = e;
        }
    }
    for (const band of bands) {
        let row = rows.findIndex((end) => end <= band.from.t);
        if (row < 0) row = rows.length < 3 ? rows.push(0) - 1 : 2;
        rows[row] = band.to === null ? Infinity : band.to.t;
        band.row = row;
    }
    return bands;
}

/* When nodes were down or stood still: Map node -> [{kind: crash | pause, from, to}], from and to
 * are events (to null: until the end). */
export function findOutages(model) {
    const outages = new Map();

    for (const e of model.events) {
        if (e.event === 'crash' || e.event === 'pause') {
            if (!outages.has(e.node)) outages.set(e.node, []);
            outages.get(e.node).push({ kind: e.event, from: e, to: null });
        } else if (e.event === 'restart' || e.event === 'resume') {
            const kind = e.event === 'restart' ? 'crash' : 'pause';
            for (const outage of outages.get(e.node) || []) {
                if (outage.kind === kind && outage.to === null) outage.to = e;
            }
        }
    }
    return outages;
}

/* The timers of a request's tries: [{client, try, from, to, t0, t1, fired}]: from and to are
 * orders, t0 and t1 instants. A timer that never ended (the run did) is left out. */
export function findTimers(model, request) {
    const timers = [];
    const ends = request.events
        .map((i) => model.events[i])
        .filter(
            (e) =>
                e.node === request.client &&
                (e.event === 'timeout' || e.event === 'answered' || e.event === 'failed'),
        );

    for (const i of request.datagrams) {
        const d = model.datagrams[i];
        if (d.from !== request.client || d.copy !== 0) continue;
        const end = ends.find(
            (e) => e.order > d.order && (e.event !== 'timeout' || e.try === d.try),
        );
        if (end) {
            timers.push({
                client: request.client,
                try: d.try,
                from: d.order,
                to: end.order,
                t0: d.sent,
                t1: end.t,
                fired: end.event === 'timeout',
            });
        }
    }
    return timers;
}

/* When the execution `event` (an index) was over: its server's next datagram for the same try, or
 * the execution itself if there is none. {t, order}. */
export function findExecutionEnd(model, request, event) {
    const e = model.events[event];

    for (const i of request ? request.datagrams : []) {
        const d = model.datagrams[i];
        if (d.from === e.node && d.try === e.try && d.order > e.order) {
            return { t: d.sent, order: d.order };
        }
    }
    return { t: e.t, order: e.order };
}
