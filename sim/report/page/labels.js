/* Words beside the signs: of the chosen request, of crashes and notes. A word that would cover
 * another is left out; the more important come first. */

import { shorten } from './backdrop.js';
import { lossLabel } from './sentence.js';
import { formatDuration, showText } from './text.js';

const LABELS_NOTE_ROOM = 22; /* the widest a note may be, in the size of its letters */
const LABELS_NOTE_MOST = 100; /* of its characters; no more would fit */

/* Which execution of its request this one is, from 1; those out of view count, too. */
function executionNumber(model, e) {
    const { events } = model.requests.get(e.key);
    return events.filter((i) => {
        const other = model.events[i];
        return other.event === 'execute' && other.order <= e.order;
    }).length;
}

/* The first words of a note, above the timers. */
function wordsOfNote(context, scene, e, x) {
    const { font, plot, colors } = scene;
    const room = Math.min(font * LABELS_NOTE_ROOM, plot.right - plot.left);
    const text = shorten(context, showText(e.detail).slice(0, LABELS_NOTE_MOST), room);
    return [1, text, x + 4, plot.top - font * 2.6, 'left', colors.soft];
}

/* Words and where: align is where the anchor lies; the upper the sooner placed. */
function wordsOfEvent(context, scene, label) {
    const { e, x, y } = label;
    const { unit, colors } = scene;

    switch (e.event) {
        case 'crash':
            return [1, 'crash', x + unit * 1.6, y - unit * 1.9, 'left', colors.down];
        case 'restart':
            return [1, 'restart', x + unit * 1.2, y - unit * 1.9, 'left', colors.good];
        case 'pause':
            return [1, 'pause', x + unit * 1.2, y - unit * 1.9, 'left', colors.timer];
        case 'note':
            return wordsOfNote(context, scene, e, x);
        case 'timeout':
            return [2, 'timeout', x - unit * 1.4, y + unit * 1.9, 'right', colors.timer];
        case 'failed':
            return [1, showText(e.detail), x + unit * 1.8, y - unit * 1.5, 'left', colors.bad];
        case 'answered':
            return [2, 'answered', x + unit * 1.6, y - unit * 1.7, 'left', colors.good];
        case 'error':
            return [2, showText(e.detail), x + unit * 1.2, y - unit * 1.6, 'left', colors.rejected];
        case 'execute': {
            const nth = executionNumber(scene.model, e);
            const text = nth === 1 ? 'executed' : `executed again (${nth})`;
            return [2, text, x, y + unit * 2.1, 'center', colors.ink];
        }
    }
    return null;
}

/* Which try of the client's leaves. */
function wordsOfTry(scene, shape) {
    const { d } = shape;
    const { unit, colors } = scene;

    if (!shape.begun || scene.model.nodes[d.from].kind !== 'client' || d.copy > 0 || d.try === 0) {
        return null;
    }
    return [
        1,
        `try ${d.try}`,
        shape.x0 + unit * 0.9,
        shape.y0 + unit * 1.9,
        'left',
        d.fate === 'lost' ? colors.lost : colors.request,
    ];
}

/* What became of a datagram that did not just arrive. */
function wordsOfFate(scene, shape) {
    const { d } = shape;
    const { unit, colors } = scene;

    if (d.fate === 'lost' && shape.done) {
        return [0, lossLabel(d.reason), shape.x1 + unit * 1.3, shape.y1, 'left', colors.lost];
    }
    if (d.fate === 'rejected' && shape.done) {
        return [
            0,
            showText(d.reason) || 'rejected',
            shape.x1 + unit * 1.1,
            shape.y1 + unit * 1.9,
            'left',
            colors.rejected,
        ];
    }
    if (d.copy > 0 && shape.done) {
        return [
            3,
            'copy',
            (shape.x0 + shape.x1) / 2 + unit,
            (shape.y0 + shape.y1) / 2,
            'left',
            colors.ink,
        ];
    }
    return null;
}

/* Draws the labels of what was drawn. `chosen`: the shapes of the chosen datagrams. */
export function drawLabels(context, scene, chosen) {
    const words = [];
    const taken = [];

    context.font = `600 ${scene.font * 0.92}px ${scene.family}`;
    context.textBaseline = 'middle';
    context.lineJoin = 'round';
    for (const shape of chosen) words.push(wordsOfTry(scene, shape), wordsOfFate(scene, shape));
    for (const label of scene.labels) {
        if (label.kind === 'event') {
            words.push(wordsOfEvent(context, scene, label));
        } else {
            const text = label.fired ? formatDuration(label.timer.t1 - label.timer.t0) : '';
            const room = label.x1 - label.x0 > scene.font * 5;
            if (text && room) {
                words.push([
                    2,
                    text,
                    (label.x0 + label.x1) / 2,
                    label.y,
                    'center',
                    scene.colors.timer,
                ]);
            }
        }
    }
    for (const word of words.filter((w) => w !== null).sort((a, b) => a[0] - b[0])) {
        drawWord(context, scene, word, taken);
    }
}

/* One word on a halo of paper, where there is room. */
function drawWord(context, scene, [, text, x, y, align, color], taken) {
    const { plot, font } = scene;
    const width = context.measureText(text).width;
    let left = align === 'left' ? x : align === 'right' ? x - width : x - width / 2;
    if (left < plot.right) left = Math.min(left, plot.right - width - 2);
    const box = { x0: left - 2, x1: left + width + 2, y0: y - font * 0.55, y1: y + font * 0.55 };

    if (box.x1 < plot.left || box.x0 > plot.right) return;
    if (taken.some((t) => t.x0 < box.x1 && t.x1 > box.x0 && t.y0 < box.y1 && t.y1 > box.y0)) return;
    taken.push(box);
    context.textAlign = 'left';
    context.strokeStyle = scene.colors.paper;
    context.lineWidth = font * 0.35;
    context.strokeText(text, left, y);
    context.fillStyle = color;
    context.fillText(text, left, y);
}
