/* Playing: the cursor moves along the axis, steadily or from moment to moment. */

import { AXIS_TIME, clampView, lastAtMost, timeOfPlace } from './axis.js';
import { formatDuration } from './text.js';

const PLAYER_STEP_MS = 900; /* between two steps where nothing may move by itself */
const PLAYER_TOLD = new Set([
    'crash',
    'restart',
    'pause',
    'resume',
    'partition',
    'heal',
    'fault',
    'note',
]);

/* Puts the cursor at a place of the axis: all up to there has happened. */
export function setCursor(app, u) {
    app.cursor.u = Math.max(app.axis.from, Math.min(app.axis.to, u));
    app.cursor.rank = lastAtMost(app.axis.u, app.cursor.u);
    app.time = timeOfPlace(app.axis, app.cursor.u);
}

/* Puts the cursor right behind a moment, even where others share its place. */
export function setCursorRank(app, rank) {
    const { axis } = app;
    if (axis.u.length === 0) return;
    app.cursor.rank = Math.max(0, Math.min(axis.u.length - 1, rank));
    app.cursor.u = axis.u[app.cursor.rank];
    app.time = axis.times[app.cursor.rank];
}

/* Moves the view so that the cursor is well within it; `follow`: as little as possible. */
export function showCursor(app, follow) {
    const width = app.view.to - app.view.from;
    const { u } = app.cursor;

    if (follow && u > app.view.from + width * 0.8) {
        app.view = clampView(app.axis, { from: u - width * 0.8, to: u + width * 0.2 });
    } else if (u < app.view.from || u > app.view.to) {
        app.view = clampView(app.axis, { from: u - width * 0.4, to: u + width * 0.6 });
    }
}

/* The speeds to choose from: [[places a second, words]], and the one that suits the view. */
export function speedChoices(axis) {
    if (axis.mode !== AXIS_TIME) {
        return [0.5, 1, 2, 4, 8, 16, 32, 64].map((s) => [
            s,
            `${s === 0.5 ? '½' : s} ${s > 1 ? 'steps' : 'step'} / s`,
        ]);
    }
    const choices = [];
    for (let power = 1e4; power <= 1e9; power *= 10) {
        for (const s of [1, 2, 5]) {
            choices.push([s * power, `${formatDuration(s * power)} / s`]);
        }
    }
    return choices;
}

/* Of the choices the one at which a view takes about `seconds`. */
export function usualSpeed(axis, view, seconds) {
    const choices = speedChoices(axis);
    const wanted = (view.to - view.from) / seconds;
    const far = (choice) => Math.abs(Math.log(choice[0] / wanted));
    return choices.reduce((best, choice) => (far(choice) < far(best) ? choice : best))[0];
}

/* Whether a moment is part of what is selected, or befell a node or the network; with nothing
 * selected, all are. */
function isTold(app, moment) {
    if (app.selected.key === '') return true;
    const what =
        moment.kind === 'event'
            ? app.model.events[moment.index]
            : app.model.datagrams[moment.index];
    return (
        what.key === app.selected.key || (moment.kind === 'event' && PLAYER_TOLD.has(what.event))
    );
}

/* The rank of the last moment told of, up to the cursor; -1 if none. */
export function lastToldRank(app) {
    let rank = app.cursor.rank;
    while (rank >= 0 && !isTold(app, app.axis.moments[rank])) rank--;
    return rank;
}

/* The rank to step to: the next (1) or previous (-1) moment of what is selected; where there is no
 * more of it, of all. */
function nextRank(app, direction) {
    const { moments } = app.axis;
    let rank = app.cursor.rank + direction;
    while (rank >= 0 && rank < moments.length && !isTold(app, moments[rank])) rank += direction;
    return rank >= 0 && rank < moments.length ? rank : app.cursor.rank + direction;
}

/* A player of the page's state. `changed` is called after each movement, `ended` when playing ends
 * by itself. Where the reader wants no motion, it goes in steps. */
export function createPlayer(app, changed, ended) {
    const calm = window.matchMedia('(prefers-reduced-motion: reduce)');
    const player = { frame: 0, timer: 0, last: 0 };

    const stop = () => {
        cancelAnimationFrame(player.frame);
        clearTimeout(player.timer);
        app.playing = false;
    };
    const finish = () => {
        stop();
        ended();
    };
    const frame = (now) => {
        const passed = Math.min(100, now - player.last) / 1000;
        player.last = now;
        setCursor(app, app.cursor.u + passed * app.speed);
        showCursor(app, true);
        changed(false);
        if (app.cursor.u >= app.axis.to) finish();
        else player.frame = requestAnimationFrame(frame);
    };
    const step = () => {
        player.step(1);
        if (app.cursor.rank >= app.axis.u.length - 1) finish();
        else player.timer = setTimeout(step, PLAYER_STEP_MS);
    };

    player.step = (direction) => {
        setCursorRank(app, nextRank(app, direction));
        showCursor(app, false);
        changed(true);
    };
    player.stop = stop;
    player.start = () => {
        app.playing = true;
        const width = app.view.to - app.view.from;
        if (app.cursor.u >= app.axis.to || app.atRest) {
            setCursor(app, app.view.from + width * 0.01);
        }
        app.atRest = false;
        if (calm.matches) {
            player.timer = setTimeout(step, PLAYER_STEP_MS);
            changed(false);
        } else {
            player.last = performance.now();
            player.frame = requestAnimationFrame(frame);
        }
    };
    return player;
}

/* The rank from which to look for losses: of the lost datagram that is selected, if the run is told
 * up to its end, for that lies behind others that were sent meanwhile; at rest, where the view
 * begins; else the cursor's. */
function lossRank(app, direction) {
    const { axis, selected, cursor } = app;
    const k = selected.kind === 'datagram' ? app.shown.datagrams.indexOf(selected.index) : -1;

    if (k >= 0 && app.model.datagrams[selected.index].fate === 'lost') {
        if (cursor.u === axis.datagrams.toU[k]) return axis.datagrams.fromRank[k];
    }
    return app.atRest && direction > 0 ? lastAtMost(axis.u, app.view.from) : cursor.rank;
}

/* The rank of the next (direction 1) or previous (-1) moment at which a datagram is lost; -1 if
 * there is none. */
export function findLoss(app, direction) {
    const { axis, model } = app;
    let r = lossRank(app, direction) + direction;
    for (; r >= 0 && r < axis.moments.length; r += direction) {
        const moment = axis.moments[r];
        if (moment.kind === 'send' && model.datagrams[moment.index].fate === 'lost') return r;
    }
    return -1;
}
