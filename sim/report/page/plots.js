/* The plots below the diagram: latency, tries, losses, queues, requests in flight. */

import { addLine, createChart, makeCaption, makeFigure, roundTicks } from './charts.js';
import { formatCount, formatDuration, formatNumber, formatShare, makeElement } from './text.js';
import { showText } from './text.js';

const PLOTS_AXIS_LEAST_NS = 1000;

/* The unit in which times up to `ns` read well: {size, name}. */
function timeUnit(ns) {
    if (ns >= 2e10) return { size: 1e9, name: 's' };
    if (ns >= 2e4) return { size: 1e6, name: 'ms' };
    if (ns >= 2e3) return { size: 1e3, name: 'µs' };
    return { size: 1, name: 'ns' };
}

/* An axis of time from 0 to `last` ns; in virtual time that may be 0, and an axis needs a length. */
function timeAxis(last, title) {
    const high = Math.max(last, PLOTS_AXIS_LEAST_NS);
    const unit = timeUnit(high);
    const ticks = roundTicks(0, high / unit.size, 7).map((value) => value * unit.size);
    return {
        low: 0,
        high,
        ticks,
        title: `${title}, ${unit.name}`,
        text: (ns) => formatNumber(ns / unit.size),
    };
}

/* An axis of counts from 0 to `high`. */
function countAxis(high, title) {
    const ticks = roundTicks(0, Math.max(1, high), 5).filter(Number.isInteger);
    return { low: 0, high: Math.max(1, high), ticks, title, text: formatCount };
}

/* Which share of the answered requests had its answer after which time. */
function plotLatencyShare(model) {
    const { cdf } = model.latency;
    const last = cdf[cdf.length - 1][0];
    const m = model.run.metrics;
    const chart = createChart({
        x: timeAxis(last * 1.02, 'latency'),
        y: {
            low: 0,
            high: 1,
            ticks: [0, 0.25, 0.5, 0.75, 1],
            text: formatShare,
            title: 'answered within',
        },
        label:
            `Latency: half within ${formatDuration(m['latency.p50_ns'])}, 99% within ` +
            `${formatDuration(m['latency.p99_ns'])}, all within ${formatDuration(last)}.`,
    });
    addLine(
        chart,
        [[0, 0], ...cdf.map(([ns, share]) => [ns, share]), [last, 1]],
        'is-request',
        true,
    );
    for (const [name, share] of [
        ['p50', 0.5],
        ['p90', 0.9],
        ['p99', 0.99],
    ]) {
        const ns = m[`latency.${name}_ns`];
        if (typeof ns !== 'number') continue;
        const x = chart.x(ns);
        const end = x > chart.right - 130;
        chart.add('circle', { cx: x, cy: chart.y(share), r: 5, class: 'chart-dot is-request' });
        chart.add(
            'text',
            {
                x: end ? x - 9 : x + 9,
                y: chart.y(share) + (end ? -8 : 18),
                class: `chart-text chart-strong ${end ? 'chart-end' : ''}`,
            },
            `${name} ${formatDuration(ns)}`,
        );
    }
    return makeFigure(
        'Latency: who had an answer by when',
        chart.svg,
        '',
        ['Latency', 'Answered within'],
        cdf.map(([ns, share]) => [formatDuration(ns), formatShare(share)]),
    );
}

/* How many requests took how long. */
function plotLatencyCounts(model) {
    const bars = model.latency.histogram;
    const most = Math.max(...bars.map((bar) => bar[2]), 1);
    const high = bars[bars.length - 1][1];
    const chart = createChart({
        x: timeAxis(high, 'latency'),
        y: countAxis(most * 1.05, 'requests'),
        label: `Histogram of latency: ${bars.length} bars up to ${formatDuration(high)}.`,
    });
    for (const [from, to, count] of bars) {
        if (count === 0) continue;
        const x = chart.x(from);
        chart.add('rect', {
            x: x + 0.5,
            y: chart.y(count),
            width: Math.max(1.5, chart.x(to) - x - 1),
            height: chart.floor - chart.y(count),
            class: 'chart-bar is-request',
        });
    }
    return makeFigure(
        'Latency: how many took how long',
        chart.svg,
        '',
        ['From', 'To', 'Requests'],
        bars
            .filter((bar) => bar[2] > 0)
            .map(([from, to, count]) => [
                formatDuration(from),
                formatDuration(to),
                formatCount(count),
            ]),
    );
}

/* How many tries requests needed, and how many theory says. */
function plotTries(model) {
    const rows = model.tries;
    const high = Math.max(...rows.map((row) => row[0]), 2);
    const most = Math.max(...rows.map((row) => Math.max(row[1], row[2] ?? 0)), 1);
    const known = rows.some((row) => row[2] !== null);
    const chart = createChart({
        x: {
            low: 0.4,
            high: high + 0.6,
            title: 'tries',
            text: formatCount,
            ticks: roundTicks(1, high, 12).filter((v) => Number.isInteger(v) && v >= 1),
        },
        y: countAxis(most * 1.08, 'requests'),
        label: `Tries: ${rows.map((row) => `${row[0]}: ${row[1]}`).join(', ')}.`,
    });
    const half = Math.max(2, Math.min(28, (chart.x(2) - chart.x(1)) * 0.36));

    for (const [tries, count, theory] of rows) {
        const x = chart.x(tries);
        chart.add('rect', {
            x: x - half,
            y: chart.y(count),
            width: 2 * half,
            height: chart.floor - chart.y(count),
            class: 'chart-bar is-reply',
        });
        if (theory === null) continue;
        const y = chart.y(theory);
        chart.add('line', {
            x1: x - half - 5,
            x2: x + half + 5,
            y1: y,
            y2: y,
            class: 'chart-theory',
        });
    }
    return makeFigure(
        'Tries until the end',
        chart.svg,
        known
            ? 'Bars: this run. Strokes across: what theory expects.'
            : 'No theory applies to this run.',
        ['Tries', 'Requests', 'Theory'],
        rows.map(([tries, count, theory]) => [
            String(tries),
            formatCount(count),
            theory === null ? '–' : formatNumber(theory),
        ]),
    );
}

/* The share each link lost of what was sent and of its copies, with the bounds that chance allows. */
function plotLosses(model) {
    const links = model.losses.filter((link) => link[1] > 0);
    const share = (link, i = 2) => (link[i] === null ? null : link[i] / link[1]);
    const most = Math.max(...links.map((link) => Math.max(share(link), share(link, 4) ?? 0)), 0.01);
    const height = 84 + links.length * 30;
    const known = links.some((link) => link[3] !== null);
    const high = Math.min(1, most * 1.1);
    const chart = createChart({
        left: 190,
        height,
        x: { low: 0, high, ticks: roundTicks(0, high, 5), text: formatShare, title: 'lost' },
        y: { low: 0, high: 1, ticks: [], text: String, title: '' },
        label: `Losses: ${links.map((l) => `${l[0]} ${formatShare(share(l))}`).join(', ')}.`,
    });

    links.forEach((link, i) => {
        const y = 34 + i * 30;
        const [low, top, expected] = [3, 4, 5].map((at) => share(link, at));
        chart.add('line', { x1: chart.left, x2: chart.right, y1: y, y2: y, class: 'chart-grid' });
        chart.add(
            'text',
            { x: chart.left - 10, y: y + 5, class: 'chart-text chart-end' },
            showText(link[0]).replace('->', '→'),
        );
        if (low !== null && top !== null) {
            chart.add('rect', {
                x: chart.x(Math.max(0, low)),
                y: y - 8,
                width: Math.max(2, chart.x(Math.min(high, top)) - chart.x(Math.max(0, low))),
                height: 16,
                rx: 3,
                class: 'chart-range',
            });
        }
        if (expected !== null) {
            const x = chart.x(expected);
            chart.add('line', { x1: x, x2: x, y1: y - 11, y2: y + 11, class: 'chart-theory' });
        }
        chart.add('circle', { cx: chart.x(share(link)), cy: y, r: 6, class: 'chart-dot is-lost' });
    });
    return makeFigure(
        'What each link lost',
        chart.svg,
        known
            ? 'Dots: this run. Bands: what chance allows, but once in a million. Strokes: expected.'
            : 'Dots: this run.',
        ['Link', 'Sent and copied', 'Lost', 'Share', 'Expected', 'Chance allows'],
        links.map((link) => [
            showText(link[0]),
            formatCount(link[1]),
            formatCount(link[2]),
            formatShare(share(link)),
            link[5] === null ? '–' : formatNumber(link[5]),
            link[3] === null ? '–' : `${formatCount(link[3])} to ${formatCount(link[4])}`,
        ]),
    );
}

/* Lines over the time of the run: [[name, values, look]], each value `step` ns after the last. */
function plotSeries(title, lines, step, yTitle) {
    const most = Math.max(...lines.map((line) => line[1].reduce((a, b) => Math.max(a, b), 0)), 1);
    const count = Math.max(...lines.map((line) => line[1].length));
    const chart = createChart({
        x: timeAxis(count * step, 'time'),
        y: countAxis(most * 1.08, yTitle),
        label: `${title}: ${lines
            .map(
                ([name, values]) => `${name} at most ${values.reduce((a, b) => Math.max(a, b), 0)}`,
            )
            .join(', ')}.`,
    });
    const rows = Array.from({ length: count }, (_, i) => [
        formatDuration(i * step),
        ...lines.map((line) => formatCount(line[1][i] ?? 0)),
    ]);

    lines.forEach(([name, values, look], at) => {
        addLine(
            chart,
            [...values, values[values.length - 1]].map((value, i) => [i * step, value]),
            look,
            true,
        );
        if (lines.length === 1 && name === yTitle) return;
        const x = chart.right - 120;
        chart.add('line', {
            x1: x - 30,
            x2: x - 6,
            y1: 14 + at * 20,
            y2: 14 + at * 20,
            class: `chart-line ${look}`,
        });
        chart.add('text', { x, y: 19 + at * 20, class: 'chart-text' }, name);
    });
    return makeFigure(title, chart.svg, '', ['Time', ...lines.map((line) => line[0])], rows);
}

/* What stands in place of a plot that has nothing to show. */
function makeRemark(title, text) {
    return makeElement('figure', { class: 'card plot' }, makeCaption(title, text));
}

/* All plots that this run has, into `root`. */
export function renderPlots(root, model) {
    const { series, latency } = model;
    const looks = ['is-request', 'is-reply', 'is-lost', 'is-other', 'is-fourth', 'is-fifth'];
    const plots = [];

    if (latency !== null && latency.cdf && latency.cdf.length > 0) {
        plots.push(plotLatencyShare(model));
        if (latency.histogram.length > 0) plots.push(plotLatencyCounts(model));
    }
    if (model.tries.length > 0) plots.push(plotTries(model));
    if (model.losses.some((link) => link[1] > 0)) plots.push(plotLosses(model));
    if (series !== null && series.in_flight.length === 1) {
        plots.push(
            makeRemark('Requests under way', 'All happens at one instant, for nothing takes time.'),
        );
    } else if (series !== null && series.in_flight.length > 0) {
        plots.push(
            plotSeries(
                'Requests under way',
                [['requests', series.in_flight, 'is-request']],
                series.step_ns,
                'requests',
            ),
        );
        const queues = Object.entries(series.queue)
            .filter(([, values]) => values.some((value) => value > 0))
            .slice(0, looks.length)
            .map(([name, values], i) => [name, values, looks[i]]);
        if (queues.length > 0) {
            plots.push(
                plotSeries(
                    'Waiting: for an answer, for a worker',
                    queues,
                    series.step_ns,
                    'waiting',
                ),
            );
        } else {
            plots.push(
                makeRemark('Waiting: for an answer, for a worker', 'Nothing waited in any queue.'),
            );
        }
    }
    root.replaceChildren(...plots);
}
