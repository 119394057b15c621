/* The parts of a plot, as SVG: axes, lines, bars, dots. Looks come from the style sheet. */

import { makeElement } from './text.js';

const CHARTS_SPACE = 'http://www.w3.org/2000/svg';
const CHARTS_WIDTH = 600;
const CHARTS_HEIGHT = 300;

/* A new SVG element; attributes as they are, `text` is its text. */
function makeShape(tag, attributes = {}, text = '') {
    const shape = document.createElementNS(CHARTS_SPACE, tag);
    for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, String(value));
    if (text !== '') shape.textContent = text;
    return shape;
}

/* Round values from 0 or `low` to `high`, about `count` of them. */
export function roundTicks(low, high, count) {
    const least = (high - low) / count || 1;
    const power = 10 ** Math.floor(Math.log10(least));
    const step = [1, 2, 5, 10].find((s) => s * power >= least * 0.999) * power;
    const ticks = [];

    for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
        ticks.push(Number((i * step).toPrecision(12)));
    }
    return ticks;
}

/* An empty plot. x and y: {low, high, ticks: [value], text: (value) => string, title}. `left` is
 * the room for the names at the left. Returns {svg, x(value), y(value), add(tag, attributes,
 * text), floor, left, right, top}. */
export function createChart({ x, y, left = 64, label, height = CHARTS_HEIGHT }) {
    const right = CHARTS_WIDTH - 18;
    const top = 30;
    const floor = height - 50;
    const svg = makeShape('svg', {
        viewBox: `0 0 ${CHARTS_WIDTH} ${height}`,
        role: 'img',
        class: 'chart',
        'aria-label': label,
    });
    const chart = {
        svg,
        left,
        right,
        top,
        floor,
        x: (value) => left + ((value - x.low) / (x.high - x.low || 1)) * (right - left),
        y: (value) => floor - ((value - y.low) / (y.high - y.low || 1)) * (floor - top),
        add: (tag, attributes, text) => {
            const shape = makeShape(tag, attributes, text);
            svg.append(shape);
            return shape;
        },
    };

    for (const value of y.ticks) {
        const at = chart.y(value);
        chart.add('line', { x1: left, x2: right, y1: at, y2: at, class: 'chart-grid' });
        chart.add('text', { x: left - 8, y: at + 5, class: 'chart-text chart-end' }, y.text(value));
    }
    for (const value of x.ticks) {
        const at = chart.x(value);
        chart.add('line', { x1: at, x2: at, y1: floor, y2: floor + 5, class: 'chart-axis' });
        /* At the right end there is no room for half of a long number. */
        const end = at > right - 9;
        chart.add(
            'text',
            {
                x: end ? CHARTS_WIDTH : at,
                y: floor + 22,
                class: `chart-text ${end ? 'chart-end' : 'chart-middle'}`,
            },
            x.text(value),
        );
    }
    chart.add('line', { x1: left, x2: right, y1: floor, y2: floor, class: 'chart-axis' });
    chart.add(
        'text',
        { x: right, y: floor + 43, class: 'chart-text chart-end chart-title' },
        x.title,
    );
    chart.add('text', { x: 4, y: 16, class: 'chart-text chart-title' }, y.title);
    return chart;
}

/* A line through points [[x, y], ...] of the chart's values; `stairs`: each value holds until the
 * next. */
export function addLine(chart, points, look, stairs) {
    let path = '';

    points.forEach(([px, py], i) => {
        const x = chart.x(px).toFixed(1);
        const y = chart.y(py).toFixed(1);
        if (i === 0) path += `M${x} ${y}`;
        else path += stairs ? `H${x}V${y}` : `L${x} ${y}`;
    });
    return chart.add('path', { d: path, class: `chart-line ${look}` });
}

/* A figure's title, and what there is to say of it ('': nothing). */
export function makeCaption(title, note) {
    return makeElement(
        'figcaption',
        {},
        makeElement('h3', { text: title }),
        note ? makeElement('p', { class: 'fine', text: note }) : null,
    );
}

/* A plot with its title and the table behind it. `columns`: titles; `rows`: lists of texts. */
export function makeFigure(title, svg, note, columns, rows) {
    return makeElement(
        'figure',
        { class: 'card plot' },
        makeCaption(title, note),
        svg,
        makeElement(
            'details',
            {},
            makeElement('summary', { text: 'The numbers' }),
            makeElement(
                'div',
                { class: 'table-wide' },
                makeElement(
                    'table',
                    {},
                    makeElement('caption', { class: 'hidden', text: title }),
                    makeElement(
                        'thead',
                        {},
                        makeElement(
                            'tr',
                            {},
                            columns.map((text, i) =>
                                makeElement('th', {
                                    scope: 'col',
                                    class: i > 0 ? 'number' : null,
                                    text,
                                }),
                            ),
                        ),
                    ),
                    makeElement(
                        'tbody',
                        {},
                        rows.map((row) =>
                            makeElement(
                                'tr',
                                {},
                                row.map((text, i) =>
                                    makeElement('td', { class: i > 0 ? 'number' : null, text }),
                                ),
                            ),
                        ),
                    ),
                ),
            ),
        ),
    );
}
