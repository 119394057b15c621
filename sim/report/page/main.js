/* The page: puts its parts together. Everything that a click or a key can do is one of the actions;
 * each changes the state (state.js) and asks for the parts that show it to be drawn again. */

import { readAddress, writeAddress } from './address.js';
import { AXIS_STEPS, AXIS_TIME, clampView, placeOfTime, viewOfAll, zoomView } from './axis.js';
import { attachKeys, attachPointer } from './controls.js';
import { readModel } from './data.js';
import { createDiagram, diagramPointOf, diagramSummary, drawDiagram } from './diagram.js';
import { readDiagramColors } from './diagram.js';
import { FILTER_OUTCOMES } from './filter.js';
import { drawOverview } from './overview.js';
import { createPlayer, findLoss, lastToldRank, setCursor, setCursorRank } from './player.js';
import { showCursor } from './player.js';
import { speedChoices } from './player.js';
import { renderPlots } from './plots.js';
import { datagramFate, datagramKind, momentSentence } from './sentence.js';
import { createApp, cursorOrder, refreshShown, selectDatagram, selectEvent } from './state.js';
import { selectNothing, selectRequest, showBeginning, showDatagram, showRequest } from './state.js';
import { markStory, renderStory, requestLead } from './story.js';
import { renderExpectations, renderMetrics, renderPromises, renderSummary } from './summary.js';
import { createDatagramTable, createRequestTable } from './tables.js';
import { showLegend } from './legend.js';
import { formatCount, formatInstant, makeElement } from './text.js';

const MAIN_SCRUB_STEPS = 1000; /* of the range input */

/* The element with an id. */
function part(id) {
    return document.getElementById(id);
}

/* The page's parts and state in one; `draw` and `actions` are filled in by what follows. */
function createPage() {
    const read = (id) => JSON.parse(part(id).textContent);
    const model = readModel(read('run'), read('log'));
    const page = { model, app: createApp(model), diagram: createDiagram(part('diagram'), model) };

    page.theme = null; /* light or dark, if chosen by hand */
    page.requests = createRequestTable(part('requests'), (request) => {
        page.actions.selectRequest(request.key);
    });
    page.datagrams = createDatagramTable(part('datagrams'), model, (d) => {
        page.actions.select({ kind: 'datagram', index: d.index });
    });
    return page;
}

/* ---- drawing --------------------------------------------------------------------------------- */

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
function drawMovement(page) {
    const { app, diagram } = page;
    const { axis, cursor } = app;
    const time = part('time');

    drawDiagram(diagram, app);
    drawOverview(part('overview'), app, diagram.colors, diagram.bands);
    time.textContent = formatInstant(app.time, app.mode === AXIS_TIME && app.view.to - app.view.from < 2e6 ? 3 : 2);
    time.setAttribute('data-ns', String(Math.round(app.time)));
    part('caption').textContent = captionText(page);
    part('scrub').value = String(Math.round(((cursor.u - axis.from) / (axis.to - axis.from)) * MAIN_SCRUB_STEPS));
    part('scrub').setAttribute('aria-valuetext', formatInstant(app.time));
    const play = part('play');
    play.setAttribute('aria-pressed', String(app.playing));
    part('play-word').textContent = app.playing ? 'Pause' : 'Play';
    markStory(part('story'), cursorOrder(app));
}

/* What changes with the selection. */
function drawSelection(page) {
    const { app, model } = page;
    const { selected } = app;

    renderStory(part('story'), app, page.actions);
    page.requests.mark(selected.key ? model.requests.get(selected.key) : null);
    page.datagrams.mark(selected.kind === 'datagram' ? model.datagrams[selected.index] : null);
    part('diagram').setAttribute('aria-label', diagramSummary(page.diagram, app));
}

/* What changes with the filter or the axis. */
function drawShown(page) {
    const { app, model } = page;
    const { shown } = app;

    part('count-datagrams').textContent = formatCount(shown.datagrams.length);
    part('count-lost').textContent = formatCount(shown.lost);
    part('filter-error').textContent = shown.error;
    part('next-loss').disabled = shown.lost === 0;
    page.requests.show(shown.requests);
    page.datagrams.show(shown.datagrams.map((i) => model.datagrams[i]));
    part('axis').setAttribute('aria-pressed', String(app.mode === AXIS_STEPS));
    part('axis').textContent = app.mode === AXIS_STEPS ? 'By steps' : 'By time';
    drawSpeeds(page);
}

function drawSpeeds(page) {
    const { app } = page;
    part('speed').replaceChildren(...speedChoices(app.axis).map(([speed, text]) =>
        makeElement('option', { value: speed, text, selected: speed === app.speed })));
}

/* Asks for drawing in the next frame; several askings are one. */
function createDrawing(page) {
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

/* Tells those who hear the page; what plays by itself is not told. */
function announce(text) {
    part('live').textContent = text;
}

/* ---- actions --------------------------------------------------------------------------------- */

/* Actions that move the cursor or the view. */
function createMovements(page) {
    const { app } = page;
    const moved = () => {
        if (app.atRest) setCursor(app, app.view.to);
        page.draw('movement');
    };
    const stop = () => page.player.stop();
    const tell = () => {
        const moment = app.axis.moments[app.cursor.rank];
        if (moment) announce(`${formatInstant(moment.t)}: ${momentSentence(page.model, moment)}`);
    };
    const seekTo = (u) => {
        stop();
        app.atRest = false;
        setCursor(app, u);
        showCursor(app, false);
        moved();
    };
    const middle = () => (app.cursor.u >= app.view.from && app.cursor.u < app.view.to ?
        app.cursor.u : (app.view.from + app.view.to) / 2);

    return {
        moved,
        seek: seekTo,
        toggle: () => {
            if (app.playing) stop();
            else page.player.start();
            moved();
        },
        step: (direction) => {
            stop();
            if (app.atRest && direction > 0) setCursor(app, app.view.from);
            app.atRest = false;
            page.player.step(direction);
            tell();
        },
        loss: (direction) => {
            const rank = findLoss(app, direction);
            if (rank < 0) {
                announce('no more losses');
                return;
            }
            stop();
            app.atRest = false;
            const { index } = app.axis.moments[rank];
            setCursorRank(app, rank);
            page.actions.select({ kind: 'datagram', index });
        },
        zoom: (factor) => {
            app.view = zoomView(app.axis, app.view, factor, middle());
            moved();
        },
        pan: (share) => {
            const by = (app.view.to - app.view.from) * share;
            app.view = clampView(app.axis, { from: app.view.from + by, to: app.view.to + by });
            moved();
        },
        fit: () => {
            app.view = viewOfAll(app.axis);
            moved();
        },
        home: () => seekTo(app.axis.from),
        end: () => seekTo(app.axis.to),
        goTo: (line) => {
            if (line.datagram >= 0) {
                page.actions.select({ kind: 'datagram', index: line.datagram });
                return;
            }
            seekTo(placeOfTime(app.axis, line.t));
            const rank = app.axis.orders.indexOf(line.order);
            if (rank >= 0) setCursorRank(app, rank);
            tell();
        },
    };
}

/* Actions that select, filter or change the look. */
function createChoices(page) {
    const { app, model } = page;
    const chosen = (text) => {
        announce(text);
        page.writeAddress();
        page.draw('selection');
    };

    return {
        select: ({ kind, index }) => {
            page.player.stop();
            if (kind === 'event') {
                selectEvent(app, index);
                chosen(momentSentence(model, { kind: 'event', index }));
                return;
            }
            app.atRest = false;
            selectDatagram(app, index);
            showDatagram(app, index);
            const d = model.datagrams[index];
            chosen(`${datagramKind(d)} from ${model.nodes[d.from].name} to ${model.nodes[d.to].name}: ` +
                datagramFate(d));
        },
        selectRequest: (key) => {
            page.player.stop();
            selectRequest(app, key);
            showRequest(app, model.requests.get(key));
            drawSpeeds(page);
            chosen(`the story of ${key}`);
        },
        clear: () => {
            selectNothing(app);
            chosen('nothing selected');
        },
        axis: () => {
            page.player.stop();
            app.mode = app.mode === AXIS_STEPS ? AXIS_TIME : AXIS_STEPS;
            refreshShown(app);
            page.writeAddress();
            page.draw('shown');
        },
        filter: () => part('filter').focus(),
        refilter: () => {
            page.player.stop();
            app.filter = {
                text: part('filter').value, outcome: part('filter-outcome').value,
                lost: part('filter-lost').checked,
            };
            refreshShown(app);
            page.writeAddress();
            page.draw('shown');
        },
        large: () => setLarge(page, !app.large),
        theme: () => {
            page.theme = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
            applyTheme(page);
            page.writeAddress();
        },
        help: () => {
            part('keys').hidden = !part('keys').hidden;
            part('help').setAttribute('aria-expanded', String(!part('keys').hidden));
            page.draw('movement');
        },
    };
}

/* Large for the projector, or not. */
function setLarge(page, large) {
    page.app.large = large;
    document.documentElement.toggleAttribute('data-large', large);
    part('large').setAttribute('aria-pressed', String(large));
    page.writeAddress();
    page.draw('selection');
}

/* The theme chosen by hand, else the one the reader's system has. */
function applyTheme(page, forced) {
    const system = window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
    const theme = forced || page.theme || system;

    document.documentElement.dataset.theme = theme;
    part('theme').textContent = theme === 'dark' ? 'Light' : 'Dark';
    readDiagramColors(page.diagram);
    page.draw('movement');
}

/* ---- wiring ---------------------------------------------------------------------------------- */

function attachControls(page) {
    const { actions, app } = page;
    const buttons = {
        play: actions.toggle, back: () => actions.step(-1), forward: () => actions.step(1),
        home: actions.home, end: actions.end, axis: actions.axis, fit: actions.fit,
        'zoom-in': () => actions.zoom(0.6), 'zoom-out': () => actions.zoom(1 / 0.6),
        'next-loss': () => actions.loss(1), large: actions.large, theme: actions.theme,
        help: actions.help,
    };

    for (const [id, action] of Object.entries(buttons)) part(id).addEventListener('click', action);
    part('filter').addEventListener('input', actions.refilter);
    part('filter-outcome').addEventListener('change', actions.refilter);
    part('filter-lost').addEventListener('change', actions.refilter);
    part('speed').addEventListener('change', () => { app.speed = Number(part('speed').value); });
    part('scrub').addEventListener('input', () => {
        const share = Number(part('scrub').value) / MAIN_SCRUB_STEPS;
        actions.seek(app.axis.from + share * (app.axis.to - app.axis.from));
    });
    attachPointer(page.diagram, app, part('tip'), actions);
    attachKeys(actions);
}

/* Paper: light, everything unfolded; afterwards as it was. */
function attachPrinting(page) {
    let folded = [];

    window.addEventListener('beforeprint', () => {
        folded = [...document.querySelectorAll('details:not([open])')];
        for (const details of folded) details.open = true;
        applyTheme(page, 'light');
        drawMovement(page);
    });
    window.addEventListener('afterprint', () => {
        for (const details of folded) details.open = false;
        applyTheme(page);
    });
}

/* What tests and the curious may ask; nothing here changes the model. */
function offerHandle(page) {
    const { app, diagram, actions } = page;

    window.simrun = Object.freeze({
        visible: () => [...app.shown.datagrams],
        datagram: (index) => ({ ...page.model.datagrams[index] }),
        select: (index) => actions.select({ kind: 'datagram', index }),
        pointOf: (index) => {
            const point = diagramPointOf(diagram, index);
            const box = diagram.canvas.getBoundingClientRect();
            return point && { x: box.left + point.x, y: box.top + point.y };
        },
        state: () => ({
            playing: app.playing, time_ns: app.time, mode: app.mode, large: app.large,
            selected: { ...app.selected }, filter: { ...app.filter }, view: { ...app.view },
            theme: document.documentElement.dataset.theme,
        }),
    });
}

/* Takes up what the address asks for. */
function applyAddress(page, address) {
    const { app } = page;

    page.theme = address.theme;
    if (address.mode !== null) app.mode = address.mode === 'steps' ? AXIS_STEPS : AXIS_TIME;
    if (address.filter !== null) {
        app.filter = { ...app.filter, text: address.filter };
        part('filter').value = address.filter;
    }
    refreshShown(app);
    showBeginning(app);
    if (address.select !== null && page.model.requests.has(address.select)) {
        selectRequest(app, address.select);
        showRequest(app, page.model.requests.get(address.select));
    }
}

function startPage() {
    const page = createPage();
    const { model, app } = page;
    const address = readAddress(location.hash);

    page.draw = createDrawing(page);
    page.writeAddress = () => writeAddress({
        large: app.large, theme: page.theme, select: app.selected.key, filter: app.filter.text,
        mode: app.mode === AXIS_STEPS ? 'steps' : 'clock',
    });
    page.player = createPlayer(app, () => page.draw('movement'), () => page.draw('movement'));
    page.actions = { ...createMovements(page), ...createChoices(page) };
    part('filter-outcome').replaceChildren(...FILTER_OUTCOMES.map(([value, text]) =>
        makeElement('option', { value, text })));
    renderSummary({
        title: part('title'), verdict: part('verdict'), meta: part('meta'),
        figures: part('figures'), command: part('command'), banner: part('banner'),
    }, model);
    renderExpectations(part('expectations'), model);
    renderPromises(part('promises'), model);
    renderMetrics(part('metrics'), model);
    renderPlots(part('plots'), model);
    showLegend(part('legend'), model);
    part('expectations-card').hidden = model.run.expectations.length === 0;
    applyAddress(page, address);
    if (address.large) setLarge(page, true);
    applyTheme(page);
    attachControls(page);
    attachPrinting(page);
    new ResizeObserver(() => drawMovement(page)).observe(part('diagram'));
    window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => applyTheme(page));
    offerHandle(page);
    page.draw('shown');
}

startPage();
