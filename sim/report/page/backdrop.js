/* What the arrows of the diagram stand on: time's lines, lifelines and their names, shaded
 * stretches, the cursor. A scene is described in arrows.js. */

import { sceneX } from './arrows.js';
import { AXIS_TIME, axisTicks, lastAtMost } from './axis.js';
import { showText } from './text.js';

/* The place of something that happened at `order`. */
function placeOfOrder(axis, order) {
    const rank = lastAtMost(axis.orders, order);
    return rank < 0 ? axis.from : axis.u[rank];
}

/* The x of an event that bounds a stretch of time; null is the end of the run. */
function boundX(scene, event) {
    if (event === null) return scene.plot.right;
    const x = sceneX(
        scene,
        scene.axis.mode === AXIS_TIME ? event.t : placeOfOrder(scene.axis, event.order),
    );
    return Math.max(scene.plot.left, Math.min(scene.plot.right, x));
}

/* A slanted hatch over a rectangle. */
function hatch(context, x0, y0, x1, y1, step, color) {
    context.save();
    context.beginPath();
    context.rect(x0, y0, x1 - x0, y1 - y0);
    context.clip();
    context.strokeStyle = color;
    context.lineWidth = 1;
    context.globalAlpha = 0.35;
    context.beginPath();
    for (let x = Math.floor((x0 - (y1 - y0)) / step) * step; x < x1; x += step) {
        context.moveTo(x, y1);
        context.lineTo(x + (y1 - y0), y0);
    }
    context.stroke();
    context.restore();
}

/* How far the name of a band may reach: to where the next one in its row begins. */
function nameEnd(scene, band) {
    const begins = scene.bands
        .filter(
            (other) =>
                other !== band && other.row === band.row && other.from.order > band.from.order,
        )
        .map((other) => boundX(scene, other.from));
    return Math.min(scene.plot.right, ...begins);
}

/* Partitions and faults: shaded from top to bottom, named at the top. */
export function drawBands(context, scene) {
    const { plot, font } = scene;

    scene.bands.forEach((band) => {
        const x0 = boundX(scene, band.from);
        const x1 = boundX(scene, band.to);
        if (x1 - x0 < 1) return;
        const color = scene.colors[band.kind];
        const y = font * (0.5 + band.row * 1.5);
        context.globalAlpha = 0.09;
        context.fillStyle = color;
        context.fillRect(x0, y, x1 - x0, plot.bottom - y);
        context.globalAlpha = 1;
        if (band.kind === 'partition')
            hatch(context, x0, plot.top - font * 0.6, x1, plot.bottom, 14, color);
        context.fillStyle = color;
        context.fillRect(x0, y, x1 - x0, 3);
        context.save();
        context.beginPath();
        context.rect(x0, 0, nameEnd(scene, band) - x0, plot.bottom);
        context.clip();
        context.font = `600 ${font * 0.9}px ${scene.family}`;
        context.textAlign = 'left';
        context.textBaseline = 'top';
        context.fillText(showText(band.text), x0 + 6, y + 6);
        context.restore();
    });
}

/* Thin lines at round instants, and their names below. */
export function drawTicks(context, scene) {
    const { plot, font } = scene;
    const width = plot.right - plot.left;

    context.font = `${font * 0.92}px ${scene.family}`;
    context.textBaseline = 'top';
    context.textAlign = 'center';
    for (const tick of axisTicks(scene.axis, scene.view, width, font * 6)) {
        const x = sceneX(scene, tick.u);
        if (x < plot.left - 1 || x > plot.right) continue;
        context.fillStyle = scene.colors.grid;
        context.fillRect(
            Math.round(x),
            plot.top - font * 0.6,
            1,
            plot.bottom - plot.top + font * 2.2,
        );
        context.fillStyle = scene.colors.soft;
        const half = context.measureText(tick.text).width / 2;
        context.fillText(
            tick.text,
            Math.max(plot.left + half, Math.min(x, plot.right - half)),
            plot.bottom + font * 1.9,
        );
    }
    context.textAlign = 'right';
    context.fillText(
        scene.axis.mode === AXIS_TIME ? 'ms' : 'ms, not to scale',
        plot.right,
        plot.bottom + font * 3.1,
    );
}

/* The lifelines; broken while their node is down, dotted while it stands still. */
export function drawLanes(context, scene) {
    const { plot } = scene;

    for (const lane of scene.lanes) {
        const outages = lane.others > 0 ? [] : scene.outages.get(lane.nodes[0]) || [];
        let x = plot.left;
        const part = (from, to, color, dash) => {
            if (to <= from) return;
            context.strokeStyle = color;
            context.setLineDash(dash);
            context.beginPath();
            context.moveTo(from, lane.y);
            context.lineTo(to, lane.y);
            context.stroke();
        };
        context.lineWidth = lane.kind === 'client' ? 1.5 : 2;
        for (const outage of outages) {
            const from = boundX(scene, outage.from);
            const to = boundX(scene, outage.to);
            part(x, from, scene.colors.line, []);
            if (outage.kind === 'pause') {
                part(from, to, scene.colors.timer, [2, 5]);
            } else {
                context.fillStyle = scene.colors.down;
                context.globalAlpha = 0.12;
                context.fillRect(from, lane.y - scene.unit * 1.6, to - from, scene.unit * 3.2);
                context.globalAlpha = 1;
            }
            x = Math.max(x, to);
        }
        part(x, plot.right, scene.colors.line, lane.others > 0 ? [6, 4] : []);
        context.setLineDash([]);
    }
}

/* The names at the left, over whatever passed beneath. */
export function drawNames(context, scene) {
    const { plot, font } = scene;
    const chosen = scene.selected.key ? scene.model.requests.get(scene.selected.key).client : -1;

    context.fillStyle = scene.colors.paper;
    context.fillRect(0, 0, plot.left, scene.size.height);
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    for (const lane of scene.lanes) {
        const strong = lane.kind !== 'client' || lane.nodes.includes(chosen);
        context.font = `${strong ? 600 : 400} ${font}px ${scene.family}`;
        context.fillStyle = scene.colors[strong ? 'ink' : 'soft'];
        context.fillText(
            shorten(context, lane.name, plot.left - font * 1.2),
            plot.left - font * 0.7,
            lane.y,
        );
    }
}

/* `text` cut with an ellipsis to `width` pixels in the context's font. */
export function shorten(context, text, width) {
    let cut = text;
    while (cut.length > 1 && context.measureText(cut === text ? cut : cut + '…').width > width) {
        cut = cut.slice(0, -1);
    }
    return cut === text ? text : cut + '…';
}

/* The cursor: how far the run is told. Its line lies behind the arrows, its handle (`handle`) above
 * everything. */
export function drawCursor(context, scene, handle) {
    const { plot, font } = scene;
    const x = sceneX(scene, scene.cursor.u);

    if (x < plot.left - 1 || x > plot.right + 1) return;
    context.fillStyle = scene.colors.cursor;
    if (!handle) {
        context.fillRect(x - 1, plot.top - font * 0.9, 2, plot.bottom - plot.top + font * 2.6);
        return;
    }
    context.beginPath();
    context.moveTo(x - font * 0.45, plot.top - font * 1.3);
    context.lineTo(x + font * 0.45, plot.top - font * 1.3);
    context.lineTo(x, plot.top - font * 0.6);
    context.closePath();
    context.fill();
}
