/* From what happened to where it stands along the axis, and which part of the axis is in view.
 *
 * A moment is a sending, an arrival or an event that is shown; moments are in order of happening
 * and numbered from 0 (their rank). Each has a place `u` on the axis: its time in ns ("time"), or
 * such that every moment has room of its own ("steps": 1 between two of one instant, up to 3 where
 * time passes). A view is the stretch {from, to} of u in sight. */

export const AXIS_TIME = 'time';
export const AXIS_STEPS = 'steps';

/* All moments of what is shown, in order: [{order, t, kind: send | arrive | event, index}]. */
function collectMoments(model, shown) {
    const moments = [];

    for (const i of shown.datagrams) {
        const d = model.datagrams[i];
        moments.push({ order: d.order, t: d.sent, kind: 'send', index: i });
        if (d.arrived >= 0) {
            moments.push({ order: d.arrivedOrder, t: d.arrived, kind: 'arrive', index: i });
        }
    }
    for (const i of shown.events) {
        const e = model.events[i];
        moments.push({ order: e.order, t: e.t, kind: 'event', index: i });
    }
    return moments.sort((a, b) => a.order - b.order);
}

/* The place of each moment by steps. */
function stepPlaces(moments) {
    const gaps = [];
    const u = new Float64Array(moments.length);

    for (let r = 1; r < moments.length; r++) {
        if (moments[r].t > moments[r - 1].t) gaps.push(moments[r].t - moments[r - 1].t);
    }
    gaps.sort((a, b) => a - b);
    const usual = gaps.length > 0 ? gaps[gaps.length >> 1] : 1;
    for (let r = 1; r < moments.length; r++) {
        const gap = moments[r].t - moments[r - 1].t;
        u[r] = u[r - 1] + 1 + (gap > 0 ? Math.min(2, (gap / usual) * 1.5) : 0);
    }
    return u;
}

/* The last index of a sorted array whose value is at most `value`; -1 if none. */
export function lastAtMost(sorted, value) {
    let low = 0;
    let high = sorted.length;

    while (low < high) {
        const middle = (low + high) >> 1;
        if (sorted[middle] <= value) low = middle + 1;
        else high = middle;
    }
    return low - 1;
}

/* The places of all datagrams and events that are shown. `datagrams` and `events` are parallel to
 * shown.datagrams and shown.events: fromU and toU where the arrow begins and ends (a lost one:
 * where it would), fromRank and toRank the same as ranks, reach the furthest end of all up to
 * here. */
function placeDatagrams(model, shown, axis) {
    const count = shown.datagrams.length;
    const places = {
        fromU: new Float64Array(count),
        toU: new Float64Array(count),
        fromRank: new Int32Array(count),
        toRank: new Int32Array(count),
        reach: new Float64Array(count),
    };
    let reach = -Infinity;

    shown.datagrams.forEach((i, k) => {
        const d = model.datagrams[i];
        const rank = lastAtMost(axis.orders, d.order);
        places.fromRank[k] = rank;
        places.fromU[k] = axis.u[rank];
        if (d.arrived >= 0) {
            places.toRank[k] = lastAtMost(axis.orders, d.arrivedOrder);
            places.toU[k] = axis.u[places.toRank[k]];
        } else {
            places.toRank[k] = rank;
            places.toU[k] =
                axis.mode === AXIS_TIME
                    ? d.end
                    : Math.max(
                          axis.u[rank] + 1.5,
                          Math.min(axis.u[rank] + 4, placeOfTime(axis, d.end)),
                      );
        }
        reach = Math.max(reach, places.toU[k]);
        places.reach[k] = reach;
    });
    return places;
}

/* The axis of what is shown. `mode`: AXIS_TIME or AXIS_STEPS. Where no request and no datagram is
 * shown, that of the `before` moments: what is looked at should not be lost over a slip of a key. */
export function buildAxis(model, shown, mode, before = []) {
    const nobody = shown.requests.length + shown.datagrams.length === 0;
    const moments = nobody && before.length > 0 ? before : collectMoments(model, shown);
    const axis = {
        mode,
        moments,
        orders: Float64Array.from(moments, (m) => m.order),
        times: Float64Array.from(moments, (m) => m.t),
        u: mode === AXIS_TIME ? Float64Array.from(moments, (m) => m.t) : stepPlaces(moments),
        from: 0,
        to: 0,
        datagrams: null,
        eventU: null,
        eventRank: null,
    };

    axis.datagrams = placeDatagrams(model, shown, axis);
    axis.eventRank = Int32Array.from(shown.events, (i) =>
        lastAtMost(axis.orders, model.events[i].order),
    );
    axis.eventU = Float64Array.from(axis.eventRank, (rank) => axis.u[rank]);
    if (moments.length > 0) {
        const places = axis.datagrams.reach;
        axis.from = axis.u[0];
        axis.to = Math.max(
            axis.u[moments.length - 1],
            places.length > 0 ? places[places.length - 1] : 0,
        );
    }
    if (axis.to - axis.from < 1) axis.to = axis.from + (mode === AXIS_TIME ? 1e6 : 1);
    return axis;
}

/* The place of an instant (ns). Between two moments it lies in proportion. */
export function placeOfTime(axis, t) {
    if (axis.mode === AXIS_TIME || axis.u.length === 0) return t;
    const rank = lastAtMost(axis.times, t);
    const last = axis.u.length - 1;

    if (rank < 0) return axis.u[0] - 1;
    if (rank === last) return axis.u[last] + (t > axis.times[last] ? 1 : 0);
    const span = axis.times[rank + 1] - axis.times[rank];
    return axis.u[rank] + ((t - axis.times[rank]) / span) * (axis.u[rank + 1] - axis.u[rank]);
}

/* The instant (ns) at a place. */
export function timeOfPlace(axis, u) {
    if (axis.mode === AXIS_TIME || axis.u.length === 0) return u;
    const rank = lastAtMost(axis.u, u);
    const last = axis.u.length - 1;

    if (rank < 0) return axis.times[0];
    if (rank === last) return axis.times[last];
    const share = (u - axis.u[rank]) / (axis.u[rank + 1] - axis.u[rank]);
    return axis.times[rank] + share * (axis.times[rank + 1] - axis.times[rank]);
}

/* The view that shows all, with a little air at both ends: at the right for the last words. */
export function viewOfAll(axis) {
    const air = (axis.to - axis.from) * 0.02;
    return { from: axis.from - air, to: axis.to + 4 * air };
}

/* A view of `from`..`to` kept within the axis and between the narrowest and the widest. */
export function clampView(axis, view) {
    const all = viewOfAll(axis);
    const narrowest = axis.mode === AXIS_TIME ? 2000 : 3;
    const width = Math.max(narrowest, Math.min(view.to - view.from, all.to - all.from));
    const from = Math.max(all.from, Math.min(view.from, all.to - width));

    return { from, to: from + width };
}

/* The view `factor` times as wide (0.5: twice as near) around the place `u`, which stays put. */
export function zoomView(axis, view, factor, u) {
    return clampView(axis, {
        from: u - (u - view.from) * factor,
        to: u + (view.to - u) * factor,
    });
}

/* Instants to write along the axis, at least `room` pixels apart: [{u, text}]. */
export function axisTicks(axis, view, width, room) {
    const scale = width / (view.to - view.from);
    const ticks = [];

    if (axis.mode === AXIS_TIME) {
        const least = room / scale / 1e6;
        const power = 10 ** Math.floor(Math.log10(least));
        const step = [1, 2, 5, 10].find((s) => s * power >= least) * power;
        const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
        for (
            let i = Math.ceil(Math.max(0, view.from) / 1e6 / step - 1e-9);
            i * step * 1e6 <= view.to;
            i++
        ) {
            ticks.push({ u: i * step * 1e6, text: tickText(i * step, digits) });
        }
        return ticks;
    }
    let free = -Infinity;
    for (let r = Math.max(0, lastAtMost(axis.u, view.from)); r < axis.u.length; r++) {
        const x = (axis.u[r] - view.from) * scale;
        if (x > width) break;
        if (r > 0 && axis.times[r] === axis.times[r - 1]) continue;
        if (x < free) continue;
        ticks.push({ u: axis.u[r], text: tickText(Number((axis.times[r] / 1e6).toFixed(2)), -1) });
        free = x + room;
    }
    return ticks;
}

/* Milliseconds with thousands apart; digits -1: as many as there are. */
function tickText(ms, digits) {
    const text = digits < 0 ? String(ms) : ms.toFixed(digits);
    const [whole, rest] = text.split('.');
    return whole.replace(/\B(?=(\d{3})+$)/g, ',') + (rest ? '.' + rest : '');
}
