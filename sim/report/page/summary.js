/* The top of the page, what was expected and promised, and what was measured. */

import { formatCount, formatDuration, formatNumber, formatPlural, makeElement } from './text.js';
import { showText } from './text.js';

const SUMMARY_VERDICTS = { kept: 'kept', broken: 'broken', 'not-judged': 'not judged' };
const SUMMARY_ENDS = {
    'time-limit': '; the time limit was reached',
    signal: '; the run was ended by a signal',
};

/* "PASS" and why, in words. */
function verdictWords(run) {
    const all = run.expectations.length;
    const failed = run.expectations.filter((e) => !e.held);
    const broken = run.promises.filter((p) => p.verdict === 'broken');
    const kept = run.promises.filter((p) => p.verdict === 'kept').length;
    let said = all === 1 ? 'the expectation held' : `all ${all} expectations held`;

    if (all === 0) said = 'nothing was expected';
    if (failed.length > 0) {
        const [first] = failed;
        const count = all === 1 ? 'the expectation' : `${failed.length} of ${all} expectations`;
        const shown = showText(first.shown ?? first.value);
        said = `${count} failed: “${showText(first.label || first.text)}”, ${shown}`;
    }
    const promised =
        broken.length > 0
            ? `broken: ${broken.map((p) => p.name).join(', ')}`
            : `${formatPlural(kept, 'promise')} kept, none broken`;
    return `${said}; ${promised}${SUMMARY_ENDS[run.end] || ''}`;
}

/* The chief figures: [[value, name]]. */
function chiefFigures(run) {
    const m = run.metrics;
    const p50 = m['latency.p50_ns'];
    const p99 = m['latency.p99_ns'];
    const figures = [
        [formatCount(m.requests), m.requests === 1 ? 'request' : 'requests'],
        [formatCount(m.answered), 'answered'],
        [formatCount(m.failed), 'failed'],
        [formatCount(m.tries), m.tries === 1 ? 'try' : 'tries'],
        [formatCount(m.executions), m.executions === 1 ? 'execution' : 'executions'],
        /* Copies are datagrams, too: a link can lose them. */
        [formatCount(m.lost), `of ${formatPlural(m.sent + m.duplicated, 'datagram')} lost`],
    ];
    if (p50 !== null && p50 !== undefined) {
        figures.push([formatDuration(p50), '50% are answered within']);
        figures.push([formatDuration(p99), '99% within']);
    }
    return figures;
}

/* Fills the page's head: `parts` has title, verdict, meta, figures, command and banner. */
export function renderSummary(parts, model) {
    const { run } = model;
    const passed = run.passed === true;

    document.title = `${passed ? 'PASS' : 'FAIL'} – ${showText(run.title || run.scenario)}`;
    parts.title.textContent = showText(run.title || run.scenario);
    parts.verdict.replaceChildren(
        makeElement('strong', {
            class: passed ? 'pass' : 'fail',
            text: passed ? '✓ PASS' : '✗ FAIL',
        }),
        makeElement('span', { text: verdictWords(run) }),
    );
    parts.meta.textContent = [
        `seed ${run.seed}`,
        `${run.world} world`,
        `${formatDuration(run.duration_ns)} long`,
        `simrun ${run.version}`,
    ]
        .map(showText)
        .join(' · ');
    parts.command.textContent = showText(run.command);
    parts.figures.replaceChildren(
        ...chiefFigures(run).map(([value, name]) =>
            makeElement(
                'div',
                { class: 'figure' },
                makeElement('span', { class: 'figure-value', text: value }),
                makeElement('span', { class: 'figure-name', text: name }),
            ),
        ),
    );
    renderBanner(parts.banner, model);
}

/* Which of the failed requests a sampled page draws. */
function sampledFailures({ failed, failed_of: all }) {
    if (all === 0) return 'none failed';
    if (all === 1 && failed === 1) return 'with the one that failed';
    if (failed === all) return `with all ${formatCount(all)} that failed`;
    return (
        `${formatCount(failed)} of the ${formatCount(all)} that failed; ` +
        'the table of requests has all of these'
    );
}

/* What the page leaves out, if anything. */
function renderBanner(banner, model) {
    const s = model.sampled;
    const said = [];

    if (s !== null) {
        said.push(
            `The diagram shows ${formatCount(s.requests)} of ` +
                `${formatPlural(s.requests_of, 'request')} (${sampledFailures(s)}), with ` +
                `${formatCount(s.datagrams)} of ${formatPlural(s.datagrams_of, 'datagram')}. ` +
                'All figures and plots are of the whole run.',
        );
    }
    if (model.only !== null && model.only !== undefined) {
        said.push(`The diagram shows only what was asked for: --only ${showText(model.only)}.`);
    }
    banner.textContent = said.join(' ');
    banner.hidden = said.length === 0;
}

/* A sign and a word for how something was judged. */
function judged(good, word) {
    const sign = good === null ? '–' : good ? '✓' : '✗';
    const look = good === null ? 'none' : good ? 'pass' : 'fail';
    return makeElement('td', { class: `judged ${look}`, text: `${sign} ${word}` });
}

/* The table of expectations. */
export function renderExpectations(body, model) {
    body.replaceChildren(
        ...model.run.expectations.map((e) =>
            makeElement(
                'tr',
                {},
                judged(e.held, e.held ? 'held' : 'failed'),
                makeElement(
                    'td',
                    {},
                    makeElement('bdi', { text: showText(e.label || e.text) }),
                    e.label ? makeElement('div', { class: 'fine', text: showText(e.text) }) : null,
                ),
                makeElement(
                    'td',
                    { class: 'value', text: showText(e.shown ?? e.value ?? '–') },
                    e.why ? makeElement('div', { class: 'fine', text: showText(e.why) }) : null,
                ),
                makeElement('td', { class: 'number', text: e.line > 0 ? `line ${e.line}` : '' }),
            ),
        ),
    );
}

/* The table of promises: those that were broken first, those not judged last. */
export function renderPromises(body, model) {
    const order = ['broken', 'kept', 'not-judged'];
    const promises = [...model.run.promises].sort(
        (a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict),
    );

    body.replaceChildren(
        ...promises.map((p) =>
            makeElement(
                'tr',
                {},
                judged(
                    p.verdict === 'not-judged' ? null : p.verdict === 'kept',
                    SUMMARY_VERDICTS[p.verdict],
                ),
                makeElement('td', { text: p.name }),
                makeElement('td', { class: 'fine', text: showText(p.detail) }),
            ),
        ),
    );
}

/* The value of a metric as people read it. */
function metricText(name, value) {
    if (value === null || value === undefined) return 'none';
    if (typeof value !== 'number') return showText(value);
    return name.endsWith('_ns') ? formatDuration(value) : formatNumber(value);
}

/* The table of all metrics, with theory's value where there is one. */
export function renderMetrics(body, model) {
    const theory = model.run.theory || {};

    body.replaceChildren(
        ...Object.entries(model.run.metrics).map(([name, value]) =>
            makeElement(
                'tr',
                { class: value === 0 ? 'is-zero' : null },
                makeElement('th', { scope: 'row', text: name.replace(/_ns$/, '') }),
                makeElement('td', {
                    class: 'number',
                    text: metricText(name, value),
                    'data-testid': `metric-${name}`,
                    'data-value': JSON.stringify(value),
                }),
                makeElement('td', {
                    class: 'number',
                    text: typeof theory[name] === 'number' ? formatNumber(theory[name]) : '',
                }),
            ),
        ),
    );
}
