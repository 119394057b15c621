/* Brings what the page shows up to date with its state. A page is described in main.js. */

import { AXIS_STEPS, AXIS_TIME } from './axis.js';
import { diagramSummary, drawDiagram } from './diagram.js';
import { drawOverview } from './overview.js';
import { lastToldRank, speedChoices } from './player.js';
import { momentSentence } from './sentence.js';
import { cursorOrder } from './state.js';
import { markStory, renderStory, requestLead } from './story.js';
import { formatCount, formatInstant, makeElement } from './text.js';

/* Steps of the range input. */
export const DRAWING_SCRUB_STEPS = 1000;

/* The element with an id. */
export function byId(id) {
    return document.getElementById(id);
}

/* The line under the diagram: the latest moment told of; at rest, the selected request in short. */
function captionText(page) {
    const { app, model } = page;
    if (app.atRest && app.selected.kind === 'request') {
        return requestLead(model, model.requests.get(app.selected.key));
    }
    const moment = app.axis.moments[lastToldRank(app)];
    return moment ? `${formatInstant(moment.t)}  ${momentSentence(model, moment)}` : 'Nothing yet';
}

/* What changes with every movement: diagram, strip, time and the line beneath. */
export function drawMovement(page) {
    const { app, diagram } = page;
    const { axis, cursor } = app;
    const time = byId('time');

    drawDiagram(diagram, app);
    drawOverview(byId('overview'), app, diagram.colors, diagram.bands);
    time.textContent = formatInstant(
        app.time,
        app.mode === AXIS_TIME && app.view.to - app.view.from < 2e6 ? 3 : 2,
    );
    time.setAttribute('data-ns', String(Math.round(app.time)));
    byId('caption').textContent = captionText(page);
    byId('scrub').value = String(
        Math.round(((cursor.u - axis.from) / (axis.to - axis.from)) * DRAWING_SCRUB_STEPS),
    );
    byId('scrub').setAttribute('aria-valuetext', formatInstant(app.time));
    const play = byId('play');
    play.setAttribute('aria-pressed', String(app.playing));
    byId('play-word').textContent = app.playing ? 'Pause' : 'Play';
    markStory(byId('story'), cursorOrder(app));
}

/* What changes with the selection. */
function drawSelection(page) {
    const { app, model } = page;
    const { selected } = app;

    renderStory(byId('story'), app, page.actions);
    page.requests.mark(selected.key ? model.requests.get(selected.key) : null);
    page.datagrams.mark(selected.kind === 'datagram' ? model.datagrams[selected.index] : null);
    byId('diagram').setAttribute('aria-label', diagramSummary(page.diagram, app));
}

/* What changes with the filter or the axis. */
function drawShown(page) {
    const { app, model } = page;
    const { shown } = app;

    byId('count-datagrams').textContent = formatCount(shown.datagrams.length);
    byId('count-lost').textContent = formatCount(shown.lost);
    byId('filter-error').textContent = shown.error;
    byId('next-loss').disabled = shown.lost === 0;
    page.requests.show(shown.requests);
    page.datagrams.show(shown.datagrams.map((i) => model.datagrams[i]));
    byId('axis').setAttribute('aria-pressed', String(app.mode === AXIS_STEPS));
    byId('axis').textContent = app.mode === AXIS_STEPS ? 'By steps' : 'By time';
    drawSpeeds(page);
}

export function drawSpeeds(page) {
    const { app } = page;
    byId('speed').replaceChildren(
        ...speedChoices(app.axis).map(([speed, text]) =>
            makeElement('option', { value: speed, text, selected: speed === app.speed }),
        ),
    );
}

/* Asks for drawing in the next frame; several askings are one. */
export function createDrawing(page) {
    const wanted = { movement: false, selection: false, shown: false, frame: 0 };

    return (...parts) => {
        for (const name of parts) wanted[name] = true;
        if (wanted.frame) return;
        wanted.frame = requestAnimationFrame(() => {
            wanted.frame = 0;
            if (wanted.shown) drawShown(page);
            if (wanted.shown || wanted.selection) drawSelection(page);
            drawMovement(page);
            wanted.shown = wanted.selection = wanted.movement = false;
        });
    };
}
