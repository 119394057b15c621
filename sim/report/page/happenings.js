/* Events as signs on the lifelines: begin, execution, timeout, answer, failure, crash; and the
 * brackets of timers. */

import { sceneX } from './arrows.js';
import { AXIS_TIME, lastAtMost } from './axis.js';
import { drawAnswered, drawBegin, drawClock, drawCross, drawExecution } from './marks.js';
import { drawFailed, drawTimer, findExecutionEnd } from './marks.js';

const HAPPENINGS_SMALL_MAX = 500; /* with more events in view, small signs are left out */
const HAPPENINGS_SMALL = new Set(['begin', 'execute', 'answered']);
const HAPPENINGS_NETWORK = new Set(['crash', 'restart', 'pause', 'resume', 'note']);

/* The shown events in view as [first, end) of shown.events. */
function eventsInView(scene) {
    const { eventU } = scene.axis;
    return [
        Math.max(0, lastAtMost(eventU, scene.view.from - scene.viewBack)),
        lastAtMost(eventU, scene.view.to) + 1,
    ];
}

/* Draws the sign of one event, centred at x, y. */
function drawSign(context, scene, e, x, y, size) {
    const { colors } = scene;

    switch (e.event) {
        case 'begin':
            drawBegin(context, x, y, size, colors.ink, colors.paper);
            break;
        case 'execute': {
            const request = scene.model.requests.get(e.key);
            const end = findExecutionEnd(scene.model, request, e.index);
            const toU =
                scene.axis.mode === AXIS_TIME
                    ? end.t
                    : scene.axis.u[Math.max(0, lastAtMost(scene.axis.orders, end.order))];
            const toX = Math.min(sceneX(scene, toU), sceneX(scene, scene.cursor.u));
            drawExecution(context, x, y, end.t > e.t ? toX - x : 0, size, colors.ink, colors.box);
            break;
        }
        case 'timeout':
            drawClock(context, x, y, size, colors.timer, colors.paper);
            break;
        case 'answered':
            drawAnswered(context, x, y, size, colors.good, colors.paper);
            break;
        case 'failed':
            drawFailed(context, x, y, size, colors.bad, colors.paper);
            break;
        case 'error':
            drawFailed(context, x, y, size * 0.7, colors.rejected, colors.paper);
            break;
        case 'crash':
            drawCross(context, x, y, size * 1.2, colors.down, colors.paper);
            break;
        case 'restart':
            drawBegin(context, x, y, size * 1.4, colors.good, colors.paper);
            break;
        case 'pause':
            drawBars(context, x, y, size, colors.timer);
            break;
    }
}

/* Two upright bars: it stands still. */
function drawBars(context, x, y, size, color) {
    context.fillStyle = color;
    context.fillRect(x - size * 0.7, y - size, size * 0.45, size * 2);
    context.fillRect(x + size * 0.25, y - size, size * 0.45, size * 2);
}

/* A note of the scenario: a line from top to bottom with its first words. */
function drawNote(context, scene, x) {
    context.strokeStyle = scene.colors.soft;
    context.setLineDash([2, 4]);
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, scene.plot.top - scene.font * 1.5);
    context.lineTo(x, scene.plot.bottom);
    context.stroke();
    context.setLineDash([]);
}

/* The timers of what is chosen. */
function drawTimers(context, scene) {
    const place = (order, t) =>
        scene.axis.mode === AXIS_TIME
            ? t
            : scene.axis.u[Math.max(0, lastAtMost(scene.axis.orders, order))];

    for (const timer of scene.timers) {
        const y = scene.yOf[timer.client];
        if (Number.isNaN(y) || place(timer.from, timer.t0) > scene.cursor.u) continue;
        const x0 = sceneX(scene, place(timer.from, timer.t0));
        const endU = place(timer.to, timer.t1);
        const x1 = sceneX(scene, Math.min(endU, scene.cursor.u));
        const height = Math.min(scene.unit * 2.6, scene.gap * 0.4);
        if (x1 < scene.plot.left || x0 > scene.plot.right) continue;
        const fired = timer.fired && endU <= scene.cursor.u;
        drawTimer(context, x0, x1, y - height, height * 0.5, fired, scene.colors.timer);
        scene.labels.push({ kind: 'timer', x0, x1, y: y - height, timer, fired });
    }
}

/* Draws all events in view, and notes where each sign is for eventAt and for labels. */
export function drawEvents(context, scene) {
    scene.viewBack = (scene.view.to - scene.view.from) * 0.5;
    const [first, end] = eventsInView(scene);
    const dense = end - first > HAPPENINGS_SMALL_MAX;
    const quiet = scene.selected.key !== '';
    const seen = new Set();

    drawTimers(context, scene);
    for (let k = first; k < end; k++) {
        const e = scene.model.events[scene.shown.events[k]];
        const chosen = quiet && e.key === scene.selected.key;
        const ofNetwork = HAPPENINGS_NETWORK.has(e.event);
        if (scene.axis.eventRank[k] > scene.cursor.rank) continue;
        const x = sceneX(scene, scene.axis.eventU[k]);
        if (e.event === 'note') drawNote(context, scene, x);
        if (chosen || ofNetwork) {
            scene.labels.push({ kind: 'event', x, y: e.node >= 0 ? scene.yOf[e.node] : 0, e });
        }
        if (e.node < 0 || Number.isNaN(scene.yOf[e.node])) continue;
        if (dense && !chosen && HAPPENINGS_SMALL.has(e.event)) continue;
        if (dense && !chosen && !ofNetwork) {
            const key = `${(x / scene.unit) | 0} ${scene.yOf[e.node]} ${e.event}`;
            if (seen.has(key)) continue;
            seen.add(key);
        }
        context.globalAlpha = chosen || !quiet || ofNetwork ? 1 : scene.quiet;
        drawSign(
            context,
            scene,
            e,
            x,
            scene.yOf[e.node],
            scene.unit * (chosen || ofNetwork ? 0.95 : 0.7),
        );
        context.globalAlpha = 1;
        scene.marks.push({ x, y: scene.yOf[e.node], index: e.index, chosen });
    }
}

/* The event whose sign is at a point; -1 if none. The chosen request's are preferred. */
export function eventAt(scene, x, y) {
    let best = scene.unit * 1.1;
    let found = -1;

    for (const mark of scene.marks) {
        const away = Math.hypot(x - mark.x, y - mark.y) - (mark.chosen ? 2 : 0);
        if (away < best) {
            best = away;
            found = mark.index;
        }
    }
    return found;
}
