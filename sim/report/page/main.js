/* The page: puts its parts together. Everything that a click or a key can do is one of the actions;
 * each changes the state (state.js) and asks for the parts that show it to be drawn again. */

import { applyTheme, createChoices, createMovements, setLarge } from './actions.js';
import { readAddress, writeAddress } from './address.js';
import { AXIS_STEPS, AXIS_TIME } from './axis.js';
import { attachKeys, attachPointer } from './controls.js';
import { readModel } from './data.js';
import { createDiagram, diagramPointOf } from './diagram.js';
import { DRAWING_SCRUB_STEPS, byId, createDrawing, drawMovement } from './drawing.js';
import { FILTER_OUTCOMES } from './filter.js';
import { showLegend } from './legend.js';
import { createPlayer } from './player.js';
import { renderPlots } from './plots.js';
import { attachPrinting } from './print.js';
import { createApp, refreshShown, selectRequest, showBeginning, showRequest } from './state.js';
import { renderExpectations, renderMetrics, renderPromises, renderSummary } from './summary.js';
import { createDatagramTable, createRequestTable } from './tables.js';
import { makeElement } from './text.js';

/* Back up to the diagram and the story: what a table's row was chosen for. */
function showStage() {
    byId('story').focus({ preventScroll: true });
    byId('stage').scrollIntoView({ block: 'nearest' });
}

/* The page's parts and state in one; `draw` and `actions` are filled in by what follows. */
function createPage() {
    const read = (id) => JSON.parse(byId(id).textContent);
    const model = readModel(read('run'), read('log'));
    const page = { model, app: createApp(model), diagram: createDiagram(byId('diagram'), model) };

    page.theme = null; /* light or dark, if chosen by hand */
    page.requests = createRequestTable(byId('requests'), (request) => {
        page.actions.selectRequest(request.key);
        showStage();
    });
    page.datagrams = createDatagramTable(byId('datagrams'), model, (d) => {
        page.actions.select({ kind: 'datagram', index: d.index });
        showStage();
    });
    return page;
}

/* ---- wiring ---------------------------------------------------------------------------------- */

function attachControls(page) {
    const { actions, app } = page;
    const buttons = {
        play: actions.toggle,
        back: () => actions.step(-1),
        forward: () => actions.step(1),
        home: actions.home,
        end: actions.end,
        axis: actions.axis,
        fit: actions.fit,
        'zoom-in': () => actions.zoom(0.6),
        'zoom-out': () => actions.zoom(1 / 0.6),
        'next-loss': () => actions.loss(1),
        large: actions.large,
        theme: actions.theme,
        help: actions.help,
    };

    for (const [id, action] of Object.entries(buttons)) byId(id).addEventListener('click', action);
    byId('filter').addEventListener('input', actions.refilter);
    byId('filter-outcome').addEventListener('change', actions.refilter);
    byId('filter-lost').addEventListener('change', actions.refilter);
    byId('speed').addEventListener('change', () => {
        app.speed = Number(byId('speed').value);
    });
    byId('scrub').addEventListener('input', () => {
        const share = Number(byId('scrub').value) / DRAWING_SCRUB_STEPS;
        actions.seek(app.axis.from + share * (app.axis.to - app.axis.from));
    });
    attachPointer(page.diagram, app, byId('tip'), actions);
    attachKeys(actions);
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
            playing: app.playing,
            time_ns: app.time,
            mode: app.mode,
            large: app.large,
            selected: { ...app.selected },
            filter: { ...app.filter },
            view: { ...app.view },
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
        byId('filter').value = address.filter;
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
    page.writeAddress = () =>
        writeAddress({
            large: app.large,
            theme: page.theme,
            select: app.selected.key,
            filter: app.filter.text,
            mode: app.mode === AXIS_STEPS ? 'steps' : 'clock',
        });
    page.player = createPlayer(
        app,
        () => page.draw('movement'),
        () => page.draw('movement'),
    );
    page.actions = { ...createMovements(page), ...createChoices(page) };
    byId('filter-outcome').replaceChildren(
        ...FILTER_OUTCOMES.map(([value, text]) => makeElement('option', { value, text })),
    );
    renderSummary(
        {
            title: byId('title'),
            verdict: byId('verdict'),
            meta: byId('meta'),
            figures: byId('figures'),
            command: byId('command'),
            banner: byId('banner'),
        },
        model,
    );
    renderExpectations(byId('expectations'), model);
    renderPromises(byId('promises'), model);
    renderMetrics(byId('metrics'), model);
    renderPlots(byId('plots'), model);
    showLegend(byId('legend'), model);
    byId('expectations-card').hidden = model.run.expectations.length === 0;
    applyAddress(page, address);
    if (address.large) setLarge(page, true);
    applyTheme(page);
    attachControls(page);
    attachPrinting(page);
    new ResizeObserver(() => drawMovement(page)).observe(byId('diagram'));
    window
        .matchMedia('(prefers-color-scheme: dark)')
        .addEventListener('change', () => applyTheme(page));
    offerHandle(page);
    page.draw('shown');
}

startPage();
