/* The pointer on the diagram, and the keys. Both only call the page's actions (see main.js). */

import { clampView, zoomView } from './axis.js';
import { diagramAt, diagramPlaceAt } from './diagram.js';
import { datagramFate, datagramKind, eventSentence, requestLabel } from './sentence.js';

const CONTROLS_CLICK_PX = 5; /* what moves less is a click */

/* What the pointer is on, in words; '' for nothing. */
function tipText(app, at) {
    if (at.kind === 'event') return eventSentence(app.model, app.model.events[at.index]);
    if (at.kind !== 'datagram') return '';
    const d = app.model.datagrams[at.index];
    const label = requestLabel(d);
    return `${datagramKind(d)}${label ? ' of ' + label : ''}: ${datagramFate(d)}`;
}

/* Puts the tip beside the pointer, within the diagram. */
function placeTip(tip, box, text, x, y) {
    tip.hidden = text === '';
    if (tip.hidden) return;
    tip.textContent = text;
    const left = Math.min(x + 16, box.clientWidth - tip.offsetWidth - 8);
    const top = y + 20 + tip.offsetHeight > box.clientHeight ? y - tip.offsetHeight - 12 : y + 20;
    tip.style.left = `${Math.max(4, left)}px`;
    tip.style.top = `${Math.max(4, top)}px`;
}

/* Dragging moves the view, the wheel zooms, a click selects, hovering tells. */
export function attachPointer(diagram, app, tip, actions) {
    const { canvas } = diagram;
    let drag = null;

    canvas.addEventListener('pointerdown', (event) => {
        if (event.button !== 0) return;
        drag = { x: event.offsetX, view: app.view, moved: false };
        canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener('pointermove', (event) => {
        if (drag === null) {
            const at = diagramAt(diagram, event.offsetX, event.offsetY);
            canvas.classList.toggle('is-over', at.kind !== 'nothing');
            placeTip(tip, canvas.parentElement, tipText(app, at), event.offsetX, event.offsetY);
            return;
        }
        const moved = event.offsetX - drag.x;
        if (!drag.moved && Math.abs(moved) < CONTROLS_CLICK_PX) return;
        drag.moved = true;
        tip.hidden = true;
        canvas.classList.add('is-dragged');
        const { plot } = diagram.scene;
        const by = (moved / (plot.right - plot.left)) * (drag.view.to - drag.view.from);
        app.view = clampView(app.axis, { from: drag.view.from - by, to: drag.view.to - by });
        actions.moved();
    });
    canvas.addEventListener('pointerup', (event) => {
        const clicked = drag !== null && !drag.moved;
        drag = null;
        canvas.classList.remove('is-dragged');
        if (!clicked) return;
        const at = diagramAt(diagram, event.offsetX, event.offsetY);
        if (at.kind === 'nothing') actions.seek(diagramPlaceAt(diagram, event.offsetX));
        else actions.select(at);
    });
    canvas.addEventListener('pointercancel', () => {
        drag = null;
    });
    canvas.addEventListener('pointerleave', () => {
        tip.hidden = true;
    });
    canvas.addEventListener(
        'wheel',
        (event) => {
            event.preventDefault();
            const unit = event.deltaMode === 1 ? 16 : 1;
            if (Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey) {
                actions.pan(((event.deltaX || event.deltaY) * unit) / canvas.clientWidth);
                return;
            }
            const factor = Math.exp(Math.max(-1, Math.min(1, event.deltaY * unit * 0.002)));
            app.view = zoomView(app.axis, app.view, factor, diagramPlaceAt(diagram, event.offsetX));
            tip.hidden = true;
            actions.moved();
        },
        { passive: false },
    );
}

/* Whether a key belongs to the element that has the focus. */
function keyIsTaken(event) {
    const { target, key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return true;
    if (target.matches('input[type="text"], textarea')) return key !== 'Escape';
    if (target.matches('input, select')) return key !== 'Escape' && !/^[a-z?]$/.test(key);
    if (target.matches('button, summary, a')) return key === ' ' || key === 'Enter';
    return target.matches('.hex, .story') && /^(Arrow|Home|End)/.test(key);
}

/* The keys of the page, wherever the focus is, but in a field. */
export function attachKeys(actions) {
    const keys = {
        ' ': actions.toggle,
        ArrowRight: () => actions.step(1),
        ArrowLeft: () => actions.step(-1),
        '+': () => actions.zoom(0.6),
        '=': () => actions.zoom(0.6),
        '-': () => actions.zoom(1 / 0.6),
        0: actions.fit,
        Home: actions.home,
        End: actions.end,
        n: () => actions.loss(1),
        p: () => actions.loss(-1),
        ',': () => actions.pan(-0.25),
        '.': () => actions.pan(0.25),
        t: actions.axis,
        l: actions.large,
        d: actions.theme,
        f: actions.filter,
        '?': actions.help,
        Escape: actions.clear,
    };

    document.addEventListener('keydown', (event) => {
        const action = keys[event.key];
        if (!action || keyIsTaken(event)) return;
        event.preventDefault();
        action();
    });
}
