/* The whole run in one strip: how much was under way, where something was lost, what is in view. */

import { placeOfTime } from './axis.js';

/* The counts of an axis are kept as long as it is. */
const OVERVIEW_KEPT = new WeakMap();

function keepParts(app, count) {
    const kept = OVERVIEW_KEPT.get(app.axis);
    if (kept && kept.sent.length === count) return kept;
    const parts = countParts(app, count);
    OVERVIEW_KEPT.set(app.axis, parts);
    return parts;
}

/* Counts of sent and lost datagrams in `count` equal parts of the axis. */
function countParts(app, count) {
    const { axis, shown, model } = app;
    const parts = { sent: new Int32Array(count), lost: new Int32Array(count), most: 1 };
    const span = axis.to - axis.from;

    shown.datagrams.forEach((i, k) => {
        const at = Math.min(
            count - 1,
            Math.floor(((axis.datagrams.fromU[k] - axis.from) / span) * count),
        );
        parts.sent[at]++;
        if (model.datagrams[i].fate === 'lost') parts.lost[at]++;
        parts.most = Math.max(parts.most, parts.sent[at]);
    });
    return parts;
}

/* Draws the strip. `bands`: partitions and faults (findBands). */
export function drawOverview(canvas, app, colors, bands) {
    const ratio = window.devicePixelRatio || 1;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    if (width === 0) return;
    const context = canvas.getContext('2d');
    const { axis, view } = app;
    const x = (u) => ((u - axis.from) / (axis.to - axis.from)) * width;

    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    for (const band of bands) {
        const from = x(placeOfTime(axis, band.from.t));
        const to = band.to === null ? width : x(placeOfTime(axis, band.to.t));
        context.globalAlpha = 0.2;
        context.fillStyle = colors[band.kind];
        context.fillRect(from, 0, Math.max(1, to - from), height);
    }
    context.globalAlpha = 1;
    const wide = 3;
    const count = Math.max(1, Math.floor(width / wide));
    const parts = keepParts(app, count);
    for (let i = 0; i < count; i++) {
        const tall = (parts.sent[i] / parts.most) * (height - 6);
        const lost =
            parts.lost[i] > 0 ? Math.max(3, (parts.lost[i] / parts.most) * (height - 6)) : 0;
        context.fillStyle = colors.line;
        context.fillRect(i * wide, height - tall, wide - 1, tall);
        context.fillStyle = colors.lost;
        context.fillRect(i * wide, height - lost, wide - 1, lost);
    }
    context.fillStyle = colors.cursor;
    context.globalAlpha = 0.14;
    context.fillRect(x(view.from), 0, Math.max(3, x(view.to) - x(view.from)), height);
    context.globalAlpha = 1;
    context.strokeStyle = colors.cursor;
    context.lineWidth = 1.5;
    context.strokeRect(
        x(view.from) + 0.75,
        0.75,
        Math.max(3, x(view.to) - x(view.from)) - 1.5,
        height - 1.5,
    );
    context.fillRect(x(app.cursor.u) - 1, 0, 2, height);
}
