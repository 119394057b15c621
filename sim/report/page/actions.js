/* Everything that a click or a key can do: each action changes the state (state.js) and asks for
 * the parts that show it to be drawn again. A page is described in main.js. */

import { AXIS_STEPS, AXIS_TIME, clampView, placeOfTime, viewOfAll, zoomView } from './axis.js';
import { readDiagramColors } from './diagram.js';
import { byId, drawSpeeds } from './drawing.js';
import { findLoss, setCursor, setCursorRank, showCursor } from './player.js';
import { datagramFate, datagramKind, momentSentence } from './sentence.js';
import { refreshShown, selectDatagram, selectEvent, selectNothing } from './state.js';
import { selectRequest, showDatagram, showRequest } from './state.js';
import { formatInstant } from './text.js';

/* Tells those who hear the page; what plays by itself is not told. */
function announce(text) {
    byId('live').textContent = text;
}

/* Actions that move the cursor or the view. */
export function createMovements(page) {
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
    const middle = () =>
        app.cursor.u >= app.view.from && app.cursor.u < app.view.to
            ? app.cursor.u
            : (app.view.from + app.view.to) / 2;

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
export function createChoices(page) {
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
            const way = `from ${model.nodes[d.from].name} to ${model.nodes[d.to].name}`;
            chosen(`${datagramKind(d)} ${way}: ${datagramFate(d)}`);
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
        filter: () => byId('filter').focus(),
        refilter: () => {
            page.player.stop();
            app.filter = {
                text: byId('filter').value,
                outcome: byId('filter-outcome').value,
                lost: byId('filter-lost').checked,
            };
            refreshShown(app);
            if (app.filter.text !== '' && app.shown.requests.length === 1) {
                const [only] = app.shown.requests;
                selectRequest(app, only.key);
                showRequest(app, only);
            }
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
            byId('keys').hidden = !byId('keys').hidden;
            byId('help').setAttribute('aria-expanded', String(!byId('keys').hidden));
            page.draw('movement');
        },
    };
}

/* Large for the projector, or not. */
export function setLarge(page, large) {
    page.app.large = large;
    document.documentElement.toggleAttribute('data-large', large);
    byId('large').setAttribute('aria-pressed', String(large));
    page.writeAddress();
    page.draw('selection');
}

/* The theme chosen by hand, else the one the reader's system has. */
export function applyTheme(page, forced) {
    const system = window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
    const theme = forced || page.theme || system;

    document.documentElement.dataset.theme = theme;
    byId('theme').textContent = theme === 'dark' ? 'Light' : 'Dark';
    readDiagramColors(page.diagram);
    page.draw('movement');
}
