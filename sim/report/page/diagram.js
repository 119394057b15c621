/* The space-time diagram on its canvas: lifelines from left to right, arrows slanted by time. */

import { AXIS_TIME, axisTicks, lastAtMost } from './axis.js';
import { arrowAt, arrowsInView, drawArrows, sceneX } from './arrows.js';
import { chooseLanes, placeLanes } from './lanes.js';
import { findBands, findOutages } from './marks.js';
import { drawEvents, eventAt } from './happenings.js';
import { drawLabels } from './labels.js';
import { formatInstant, showText } from './text.js';

const DIAGRAM_COLORS = ['paper', 'ink', 'soft', 'line', 'grid', 'request', 'reply', 'lost', 'rejected',
    'damage', 'raw', 'timer', 'good', 'bad', 'cursor', 'glow', 'partition', 'fault', 'down', 'box'];

/* A diagram on a canvas, for drawDiagram. */
export function createDiagram(canvas, model) {
    return {
        canvas, context: canvas.getContext('2d'), model, colors: {}, scene: null, kept: null,
        bands: findBands(model), outages: findOutages(model),
    };
}

/* Takes the colours of the page's theme (custom properties of the root element). */
export function readDiagramColors(diagram) {
    const style = getComputedStyle(document.documentElement);
    for (const name of DIAGRAM_COLORS) {
        diagram.colors[name] = style.getPropertyValue('--' + name).trim();
    }
}

/* The canvas as large as its box, in device pixels; drawing goes on in CSS pixels. */
function fitCanvas(diagram) {
    const { canvas } = diagram;
    const ratio = window.devicePixelRatio || 1;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;

    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
        canvas.width = Math.round(width * ratio);
        canvas.height = Math.round(height * ratio);
    }
    diagram.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    return { width, height };
}

/* The size of writing on the canvas in pixels: that of the page's small text. */
function fontSize(large) {
    const root = parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
    return root * (large ? 0.82 : 0.84);
}

/* How many clients have room for a lane of their own in `height` pixels, beside the other nodes. */
function mostClients(model, height, font) {
    const others = model.nodes.filter((node) => node.kind !== 'client').length;
    return Math.max(3, Math.floor(height / (font * 1.8)) - others - 1);
}

/* The lanes, chosen anew only when what is shown, selected or in focus has changed. */
function keepLanes(diagram, app, most, wanted) {
    const { kept } = diagram;
    if (kept === null || kept.shown !== app.shown || kept.most !== most ||
        kept.wanted !== wanted || kept.focus !== app.focus) {
        diagram.kept = {
            shown: app.shown, most, wanted, focus: app.focus,
            lanes: chooseLanes(diagram.model, app.shown, most, wanted, app.focus),
        };
    }
    return diagram.kept.lanes;
}

/* Everything that drawing needs to know, from the state of the page (see main.js). */
function makeScene(diagram, app, size) {
    const { context, model } = diagram;
    const font = fontSize(app.large);
    const family = getComputedStyle(document.body).fontFamily;
    const bandRows = diagram.bands.reduce((most, band) => Math.max(most, band.row + 1), 0);
    const hasNotes = model.events.some((e) => e.event === 'note');
    const top = font * (2.4 + 1.5 * bandRows + (hasNotes ? 1.5 : 0));
    const bottom = size.height - font * 4.4;
    const most = mostClients(model, bottom - top, font);
    const wanted = app.selected.key ? model.requests.get(app.selected.key).client : -1;
    const lanes = keepLanes(diagram, app, most, wanted);

    context.font = `600 ${font}px ${family}`;
    const widest = Math.max(...lanes.map((lane) => context.measureText(lane.name).width), font * 3);
    const left = Math.min(widest + font * 1.8, size.width * 0.2);
    const { yOf, gap } = placeLanes(model, lanes, top, bottom);
    return {
        model, shown: app.shown, axis: app.axis, view: app.view, cursor: app.cursor,
        selected: app.selected, hovered: app.hovered, playing: app.playing,
        plot: { left, right: size.width - font * 0.8, top, bottom }, size, font, family, lanes, yOf,
        gap, bandRows, unit: font * 0.52, quiet: app.quiet, colors: diagram.colors,
        timers: app.timers, bands: diagram.bands, outages: diagram.outages, marks: [], labels: [],
    };
}

/* The place of something that happened at `order`. */
function placeOfOrder(axis, order) {
    const rank = lastAtMost(axis.orders, order);
    return rank < 0 ? axis.from : axis.u[rank];
}

/* The x of an event that bounds a stretch of time; null is the end of the run. */
function boundX(scene, event) {
    if (event === null) return scene.plot.right;
    const x = sceneX(scene, scene.axis.mode === AXIS_TIME ? event.t :
        placeOfOrder(scene.axis, event.order));
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
    const begins = scene.bands.filter((other) => other !== band && other.row === band.row &&
        other.from.order > band.from.order).map((other) => boundX(scene, other.from));
    return Math.min(scene.plot.right, ...begins);
}

/* Partitions and faults: shaded from top to bottom, named at the top. */
function drawBands(context, scene) {
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
        if (band.kind === 'partition') hatch(context, x0, plot.top - font * 0.6, x1, plot.bottom, 14, color);
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
function drawTicks(context, scene) {
    const { plot, font } = scene;
    const width = plot.right - plot.left;

    context.font = `${font * 0.92}px ${scene.family}`;
    context.textBaseline = 'top';
    context.textAlign = 'center';
    for (const tick of axisTicks(scene.axis, scene.view, width, font * 6)) {
        const x = sceneX(scene, tick.u);
        if (x < plot.left - 1 || x > plot.right) continue;
        context.fillStyle = scene.colors.grid;
        context.fillRect(Math.round(x), plot.top - font * 0.6, 1, plot.bottom - plot.top + font * 2.2);
        context.fillStyle = scene.colors.soft;
        const half = context.measureText(tick.text).width / 2;
        context.fillText(tick.text, Math.max(plot.left + half, Math.min(x, plot.right - half)),
            plot.bottom + font * 1.9);
    }
    context.textAlign = 'right';
    context.fillText(scene.axis.mode === AXIS_TIME ? 'ms' : 'ms, not to scale', plot.right,
        plot.bottom + font * 3.1);
}

/* The lifelines; broken while their node is down, dotted while it stands still. */
function drawLanes(context, scene) {
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
function drawNames(context, scene) {
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
        context.fillText(shorten(context, lane.name, plot.left - font * 1.2), plot.left - font * 0.7,
            lane.y);
    }
}

/* `text` cut with an ellipsis to `width` pixels in the context's font. */
function shorten(context, text, width) {
    let cut = text;
    while (cut.length > 1 && context.measureText(cut === text ? cut : cut + '…').width > width) {
        cut = cut.slice(0, -1);
    }
    return cut === text ? text : cut + '…';
}

/* The cursor: how far the run is told. */
function drawCursor(context, scene) {
    const { plot, font } = scene;
    const x = sceneX(scene, scene.cursor.u);

    if (x < plot.left - 1 || x > plot.right + 1) return;
    context.fillStyle = scene.colors.cursor;
    context.fillRect(x - 1, plot.top - font * 0.9, 2, plot.bottom - plot.top + font * 2.6);
    context.beginPath();
    context.moveTo(x - font * 0.45, plot.top - font * 1.3);
    context.lineTo(x + font * 0.45, plot.top - font * 1.3);
    context.lineTo(x, plot.top - font * 0.6);
    context.closePath();
    context.fill();
}

/* Draws the diagram of the page's state. */
export function drawDiagram(diagram, app) {
    const size = fitCanvas(diagram);
    if (size.width === 0 || size.height === 0) return;
    const { context } = diagram;
    const scene = makeScene(diagram, app, size);
    const { plot } = scene;

    diagram.scene = scene;
    context.clearRect(0, 0, size.width, size.height);
    context.fillStyle = scene.colors.paper;
    context.fillRect(0, 0, size.width, size.height);
    drawTicks(context, scene);
    context.save();
    context.beginPath();
    context.rect(plot.left, 0, size.width - plot.left, size.height);
    context.clip();
    drawBands(context, scene);
    drawLanes(context, scene);
    const chosen = drawArrows(context, scene);
    drawEvents(context, scene);
    drawLabels(context, scene, chosen);
    context.restore();
    drawNames(context, scene);
    drawCursor(context, scene);
}

/* What is at a point of the canvas (CSS pixels): {kind: datagram | event | nothing, index}. */
export function diagramAt(diagram, x, y) {
    const { scene } = diagram;
    if (!scene) return { kind: 'nothing', index: -1 };
    const mark = eventAt(scene, x, y);
    if (mark >= 0) return { kind: 'event', index: mark };
    const index = arrowAt(scene, x, y, 10);
    return index >= 0 ? { kind: 'datagram', index } : { kind: 'nothing', index: -1 };
}

/* The place of the axis under an x of the canvas. */
export function diagramPlaceAt(diagram, x) {
    const { plot, view } = diagram.scene;
    return view.from + ((x - plot.left) / (plot.right - plot.left)) * (view.to - view.from);
}

/* The point of the canvas where a datagram's arrow is in its middle: {x, y} in CSS pixels, or null
 * if it is not in view. For tests and for what points at it. */
export function diagramPointOf(diagram, index) {
    const { scene } = diagram;
    const k = scene ? scene.shown.datagrams.indexOf(index) : -1;
    const [first, end] = scene ? arrowsInView(scene) : [0, 0];
    if (k < first || k >= end) return null;
    const places = scene.axis.datagrams;
    const d = scene.model.datagrams[index];
    const share = d.fate === 'lost' ? 0.25 : 0.5;
    const x0 = sceneX(scene, places.fromU[k]);
    const x1 = sceneX(scene, places.toU[k]);
    return {
        x: x0 + (x1 - x0) * share,
        y: scene.yOf[d.from] + (scene.yOf[d.to] - scene.yOf[d.from]) * share,
    };
}

/* What the diagram shows, in a sentence, for those who cannot see it. */
export function diagramSummary(diagram, app) {
    const { scene } = diagram;
    if (!scene) return '';
    const [first, end] = arrowsInView(scene);
    return `Space-time diagram: ${scene.lanes.length} lifelines, about ${end - first} datagrams in ` +
        `view, told up to ${formatInstant(app.time)}. Arrow keys step from event to event.`;
}

