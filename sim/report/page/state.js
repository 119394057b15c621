/* The page's state, and the few ways in which it changes. Nobody else writes to it but the player
 * (cursor, time, view, playing).
 *
 * app.filter    {text, outcome, lost}; app.shown is what passes (applyFilter)
 * app.axis      where that stands (buildAxis), app.mode which axis; app.view the part in sight
 * app.cursor    {u, rank} how far the run is told; app.time the same in ns
 * app.atRest    nobody has played, stepped or sought yet: all that is in view is told
 * app.selected  {kind: nothing | request | datagram | event, key: its request or '', index}
 * app.timers    of the selected request; app.hovered a datagram's index or -1
 * app.focus     {from, to} in ns: what the reader was last led to; clients busy there get lanes
 * app.speed     places of the axis a second; app.quiet how faint what is not selected is drawn */

import { AXIS_STEPS, AXIS_TIME, buildAxis, clampView, lastAtMost, placeOfTime } from './axis.js';
import { timeOfPlace, viewOfAll } from './axis.js';
import { findTellingRequest, isWithoutDelay } from './data.js';
import { applyFilter } from './filter.js';
import { findTimers } from './marks.js';
import { setCursor, setCursorRank, usualSpeed } from './player.js';

const STATE_NOTHING = { kind: 'nothing', key: '', index: -1 };
const STATE_VIEW_SECONDS = 12; /* in which a view is played at the usual speed */

/* The state before anything is selected. */
export function createApp(model) {
    const app = {
        model,
        filter: { text: '', outcome: '', lost: false },
        shown: null,
        axis: null,
        mode: isWithoutDelay(model) ? AXIS_STEPS : AXIS_TIME,
        view: null,
        cursor: { u: 0, rank: -1 },
        time: 0,
        atRest: true,
        selected: STATE_NOTHING,
        timers: [],
        hovered: -1,
        focus: { from: 0, to: 0 },
        playing: false,
        speed: 1,
        large: false,
        quiet: 0.2,
    };

    app.shown = applyFilter(model, app.filter);
    app.axis = buildAxis(model, app.shown, app.mode);
    app.view = viewOfAll(app.axis);
    setCursor(app, app.axis.to);
    return app;
}

/* What was sent at a glance: the view that shows a request from begin to end with some air. */
function viewOfRequest(app, request) {
    const { axis, model } = app;
    let from = Infinity;
    let to = -Infinity;
    const stretch = (order) => {
        const rank = lastAtMost(axis.orders, order);
        if (rank < 0 || axis.orders[rank] !== order) return;
        from = Math.min(from, axis.u[rank]);
        to = Math.max(to, axis.u[rank]);
    };

    for (const i of request.events) stretch(model.events[i].order);
    for (const i of request.datagrams) {
        stretch(model.datagrams[i].order);
        if (model.datagrams[i].arrived >= 0) stretch(model.datagrams[i].arrivedOrder);
    }
    if (to < from) return null;
    const air = Math.max((to - from) * 0.09, axis.mode === AXIS_TIME ? 500 : 1);
    return clampView(axis, { from: from - air * 0.6, to: to + air * 1.5 });
}

/* Brings a request into view, and tells the run to the end of that view. */
export function showRequest(app, request) {
    const view = viewOfRequest(app, request);
    if (view === null) return;
    app.view = view;
    app.focus = { from: timeOfPlace(app.axis, view.from), to: timeOfPlace(app.axis, view.to) };
    setCursor(app, view.to);
    app.atRest = true;
    app.speed = usualSpeed(app.axis, view, STATE_VIEW_SECONDS);
}

/* Selects the request called `key`, a datagram or an event, or nothing. */
export function selectRequest(app, key) {
    const request = app.model.requests.get(key);
    if (!request) return;
    app.selected = { kind: 'request', key, index: -1 };
    app.timers = findTimers(app.model, request);
}

export function selectDatagram(app, index) {
    const { key } = app.model.datagrams[index];
    app.selected = { kind: 'datagram', key, index };
    app.timers = key ? findTimers(app.model, app.model.requests.get(key)) : [];
}

export function selectEvent(app, index) {
    const { key } = app.model.events[index];
    if (key) selectRequest(app, key);
    else {
        app.selected = { kind: 'event', key: '', index };
        app.timers = [];
    }
}

export function selectNothing(app) {
    app.selected = STATE_NOTHING;
    app.timers = [];
}

/* Brings a datagram into view, where it is not, and tells the run up to its end. */
export function showDatagram(app, index) {
    const { axis, model } = app;
    const d = model.datagrams[index];
    const k = app.shown.datagrams.indexOf(index);
    if (k < 0) return;
    const from = axis.datagrams.fromU[k];
    const to = axis.datagrams.toU[k];
    const width = Math.max(app.view.to - app.view.from, (to - from) * 1.3);

    if (from < app.view.from || to > app.view.to) {
        app.view = clampView(axis, { from: from - width * 0.3, to: from + width * 0.7 });
    }
    if (app.cursor.u < to || app.cursor.rank < axis.datagrams.toRank[k]) {
        setCursor(app, to);
        if (d.arrived < 0) app.cursor.rank = Math.max(app.cursor.rank, axis.datagrams.fromRank[k]);
    }
}

/* The order (see data.js) of the moment that the cursor is behind. */
export function cursorOrder(app) {
    return app.axis.orders[app.cursor.rank] ?? -1;
}

/* What is left of the view between two instants: all there is, where nothing lies between them. */
function viewOfRest(axis, from_ns, to_ns) {
    const from = placeOfTime(axis, from_ns);
    const to = placeOfTime(axis, to_ns);
    const last = lastAtMost(axis.u, to);

    return last < 0 || axis.u[last] < from ? viewOfAll(axis) : clampView(axis, { from, to });
}

/* Takes up a change of app.filter or app.mode: what is told and in view stays, as far as it is
 * still there. */
export function refreshShown(app) {
    const order = cursorOrder(app);
    const shownAll = app.cursor.u >= app.axis.to;
    const { time } = app;
    const inView = [app.view.from, app.view.to].map((u) => placeBack(app, u));
    const modeBefore = app.axis.mode;

    app.shown = applyFilter(app.model, app.filter);
    app.axis = buildAxis(app.model, app.shown, app.mode, app.axis.moments);
    if (shownAll) setCursor(app, app.axis.to);
    else {
        setCursor(app, placeOfTime(app.axis, time));
        const rank = lastAtMost(app.axis.orders, order);
        if (rank >= 0 && app.axis.times[rank] === time) setCursorRank(app, rank);
    }
    const chosen = app.selected.key ? app.model.requests.get(app.selected.key) : null;
    const view = chosen && modeBefore !== app.mode ? viewOfRequest(app, chosen) : null;
    app.view = view || viewOfRest(app.axis, inView[0], inView[1]);
    if (app.atRest) setCursor(app, app.view.to);
    app.speed = usualSpeed(app.axis, app.view, STATE_VIEW_SECONDS);
}

/* The instant at a place, also beyond the ends of the axis by the clock. */
function placeBack(app, u) {
    if (app.axis.mode === AXIS_TIME) return u;
    const rank = Math.max(0, Math.min(app.axis.times.length - 1, lastAtMost(app.axis.u, u)));
    return app.axis.times.length > 0 ? app.axis.times[rank] : 0;
}

/* Where the page begins: with the request that tells most, from its begin to its end. */
export function showBeginning(app) {
    const request = findTellingRequest(app.model);
    app.speed = usualSpeed(app.axis, app.view, STATE_VIEW_SECONDS);
    if (request === null) return;
    selectRequest(app, request.key);
    showRequest(app, request);
}
