/* The space-time diagram on its canvas: lifelines from left to right, arrows slanted by time. */

import { arrowAt, arrowsInView, drawArrows, sceneX } from './arrows.js';
import { drawBands, drawCursor, drawLanes, drawNames, drawTicks } from './backdrop.js';
import { drawEvents, eventAt } from './happenings.js';
import { drawLabels } from './labels.js';
import { chooseLanes, placeLanes } from './lanes.js';
import { findBands, findOutages } from './marks.js';
import { formatInstant } from './text.js';

const DIAGRAM_COLORS = [
    'paper',
    'ink',
    'soft',
    'line',
    'grid',
    'request',
    'reply',
    'lost',
    'rejected',
    'damage',
    'raw',
    'timer',
    'good',
    'bad',
    'cursor',
    'glow',
    'partition',
    'fault',
    'down',
    'box',
];

/* A diagram on a canvas, for drawDiagram. */
export function createDiagram(canvas, model) {
    return {
        canvas,
        context: canvas.getContext('2d'),
        model,
        colors: {},
        scene: null,
        kept: null,
        ratio: 1 /* device pixels in a CSS pixel, at least */,
        bands: findBands(model),
        outages: findOutages(model),
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
    const ratio = Math.max(window.devicePixelRatio || 1, diagram.ratio);
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;

    if (
        canvas.width !== Math.round(width * ratio) ||
        canvas.height !== Math.round(height * ratio)
    ) {
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
    if (
        kept === null ||
        kept.shown !== app.shown ||
        kept.most !== most ||
        kept.wanted !== wanted ||
        kept.focus !== app.focus
    ) {
        diagram.kept = {
            shown: app.shown,
            most,
            wanted,
            focus: app.focus,
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
        model,
        shown: app.shown,
        axis: app.axis,
        view: app.view,
        cursor: app.cursor,
        selected: app.selected,
        hovered: app.hovered,
        playing: app.playing,
        plot: { left, right: size.width - font * 0.8, top, bottom },
        size,
        font,
        family,
        lanes,
        yOf,
        gap,
        bandRows,
        unit: font * 0.52,
        quiet: app.quiet,
        colors: diagram.colors,
        timers: app.timers,
        bands: diagram.bands,
        outages: diagram.outages,
        marks: [],
        labels: [],
    };
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
    drawCursor(context, scene, false);
    const chosen = drawArrows(context, scene);
    drawEvents(context, scene);
    drawLabels(context, scene, chosen);
    context.restore();
    drawNames(context, scene);
    drawCursor(context, scene, true);
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
    return (
        `Space-time diagram: ${scene.lanes.length} lifelines, about ${end - first} datagrams in ` +
        `view, told up to ${formatInstant(app.time)}. Arrow keys step from event to event.`
    );
}
