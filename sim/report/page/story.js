/* The panel beside the diagram: the story of a request, or all about one datagram. */

import { datagramFate, datagramKind, eventSentence, lossReason } from './sentence.js';
import { outcomeReason, rejectReason, requestLabel } from './sentence.js';
import { formatDuration, formatInstant, formatPlural, hexLines, makeElement } from './text.js';
import { showOctets, showOctetsShort, showText } from './text.js';

/* Words of a rule that can bring about a loss, by its reason. */
const STORY_RULE_WORDS = {
    loss: /\bloss\b/,
    drop: /\bdrop\b/,
    down: /\b(down|partition)\b/,
    queue: /\b(limit|rate)\b/,
    mtu: /\bmtu\b/,
};

/* The scenario's rules that may have done it to a datagram, as [{line, text}]. */
function rulesBehind(model, d) {
    const words = d.fate === 'lost' ? STORY_RULE_WORDS[d.reason] : null;

    return model.rules.filter(
        (rule) =>
            (words && words.test(rule.text)) ||
            (d.damage !== null && /\b(corrupt|truncate)\b/.test(rule.text)) ||
            (d.copy > 0 && /\bduplicate\b/.test(rule.text)),
    );
}

/* The first sentence of a request's story. */
export function requestLead(model, request) {
    const begin = request.events.map((i) => model.events[i]).find((e) => e.event === 'begin');
    const asked = begin ? `asks “${showOctetsShort(begin.detail, 80)}”` : 'asks';
    const { row } = request;
    const name = model.nodes[request.client].name;

    if (row === null) return `${name} ${asked}.`;
    if (!begin && row.outcome === 'cancelled' && row.tries === 0) {
        return `${name} never began ${request.key}: the run was over.`;
    }
    const code = row.code && row.code !== 200 ? ' ' + row.code : '';
    const tries =
        row.tries === 1
            ? 'at the first try'
            : `after ${formatPlural(row.tries, 'try').replace('trys', 'tries')}`;
    const took = formatDuration(row.latency_ns ?? 0);
    const end =
        row.outcome === 'answered'
            ? `answered ${row.wrong ? 'wrongly ' : ''}${tries}, in ${took}`
            : `${outcomeReason(row.outcome + code)}, ${tries}`;
    const executed =
        row.executions === 1
            ? 'executed once'
            : row.executions === 0
              ? 'never executed'
              : `executed ${row.executions} times`;
    return `${name} ${asked}: ${end}; ${executed}.`;
}

/* Whether something was sent for a request, and the page has none of it. */
function isElsewhere(request) {
    const here = request.datagrams.length + request.events.length;
    return here === 0 && request.row !== null && request.row.tries > 0;
}

/* What a request's events and datagrams tell, in order: [{t, order, text, kind, datagram}]. */
function storyLines(model, request) {
    const lines = [];
    let executions = 0;

    for (const i of request.datagrams) {
        const d = model.datagrams[i];
        const way = `${model.nodes[d.from].name} → ${model.nodes[d.to].name}`;
        lines.push({
            t: d.sent,
            order: d.order,
            datagram: i,
            kind: d.fate === 'delivered' ? d.kind : d.fate,
            text:
                `${way}${d.copy > 0 ? ', a copy' : ''}${d.try > 0 ? ', try ' + d.try : ''}: ` +
                datagramFate(d),
        });
    }
    for (const i of request.events) {
        const e = model.events[i];
        let text = eventSentence(model, e);
        if (e.event === 'retry' || e.event === 'rejected') continue;
        if (e.event === 'execute' && ++executions > 1) text += `: execution number ${executions}`;
        lines.push({ t: e.t, order: e.order, datagram: -1, kind: e.event, text });
    }
    return lines.sort((a, b) => a.order - b.order);
}

/* A line of the story as a button that leads there. */
function storyItem(line, app, actions) {
    return makeElement(
        'li',
        {
            class: `story-line is-${line.kind.replace(' ', '-')}`,
            'data-order': line.order,
        },
        makeElement(
            'button',
            {
                type: 'button',
                'aria-current':
                    line.datagram >= 0 &&
                    app.selected.index === line.datagram &&
                    app.selected.kind === 'datagram'
                        ? 'true'
                        : null,
                on: { click: () => actions.goTo(line) },
            },
            makeElement('span', { class: 'story-time', text: formatInstant(line.t) }),
            makeElement('span', { class: 'story-text', text: line.text }),
        ),
    );
}

/* All about a datagram. */
function datagramPanel(app, d, actions) {
    const { model } = app;
    const label = requestLabel(d);
    const facts = [
        ['From, to', `${model.nodes[d.from].name} → ${model.nodes[d.to].name}`],
        ['What', `${datagramKind(d)}${label ? ' of ' + label : ''}, ${d.size} octets`],
        ['Sent', formatInstant(d.sent, 3)],
        d.arrived >= 0
            ? ['Arrived', formatInstant(d.arrived, 3)]
            : d.fate === 'lost'
              ? null
              : ['Fate', datagramFate(d)],
        d.fate === 'rejected' ? ['Not taken', rejectReason(d.reason)] : null,
        d.fate === 'lost' ? ['Reason', `${lossReason(d.reason)} (${showText(d.reason)})`] : null,
        d.damage !== null ? ['Damage', damageText(d.damage)] : null,
        d.id ? ['Id', d.id] : null,
        [
            'Carried before',
            d.carriage === 0 ? 'no, the first time on this link' : formatPlural(d.carriage, 'time'),
        ],
    ].filter((fact) => fact !== null);
    const rules = rulesBehind(model, d).map(
        (rule) => `${rule.line > 0 ? `line ${rule.line}` : '--set'}: ${showText(rule.text)}`
    );

    if (rules.length > 0) facts.push([rules.length === 1 ? 'Rule' : 'Rules', rules.join('\n')]);
    return [
        makeElement('h2', { text: `A ${datagramKind(d)}: ${d.fate}` }),
        makeElement(
            'dl',
            { class: 'facts' },
            facts
                .map(([name, value]) => [
                    makeElement('dt', { text: name }),
                    makeElement('dd', { text: value }),
                ])
                .flat(),
        ),
        bytesFigure(d),
        d.key === ''
            ? null
            : makeElement('button', {
                  type: 'button',
                  class: 'link',
                  text: `The story of ${d.key}`,
                  on: { click: () => actions.selectRequest(d.key) },
              }),
    ];
}

/* What a link did to a datagram's octets. */
function damageText(damage) {
    const parts = [];
    if (damage.bit >= 0) {
        const offset = Math.floor(damage.bit / 8).toString(16).padStart(4, '0');
        parts.push(`bit ${damage.bit % 8} of the octet at ${offset} flipped`);
    }
    if (damage.cut > 0) parts.push(`${formatPlural(damage.cut, 'octet')} cut off the end`);
    return parts.join(', ');
}

/* The octets that the link carries on: those that were sent, or what it made of them. */
function carriedOctets(d) {
    if (d.damage === null) return d.text;
    const { bit, cut } = d.damage;
    const at = bit < 0 ? d.text.length : Math.floor(bit / 8);
    const flipped = Array.from(d.text, (c, i) =>
        i === at ? String.fromCharCode(c.charCodeAt(0) ^ (1 << (bit % 8))) : c,
    );
    return flipped.join('').slice(0, d.size - cut);
}

/* A datagram's octets: on a line, and as a hex dump. Where the page has no room for all of them, it
 * says how many there are. */
function bytesFigure(d) {
    const octets = carriedOctets(d);
    const size = d.size - (d.damage === null ? 0 : d.damage.cut);
    const more = size - octets.length;
    const dump = makeElement('pre', { class: 'hex', tabindex: '0', 'aria-label': 'hex dump' });

    for (const [offset, hex, text] of hexLines(octets)) {
        dump.append(
            makeElement('span', { class: 'hex-offset', text: offset + '  ' }),
            hex.padEnd(25),
            makeElement('span', { class: 'hex-text', text }),
            '\n',
        );
    }
    return makeElement(
        'div',
        { class: 'bytes' },
        makeElement('h3', {
            text: d.damage !== null ? 'Its octets, as they went on' : 'Its octets',
        }),
        makeElement('p', { class: 'octets', text: showOctets(octets) || '(none)' }),
        dump,
        more > 0
            ? makeElement('p', { class: 'fine', text: `and ${formatPlural(more, 'octet')} more` })
            : null,
    );
}

/* Fills the panel for what is selected. `actions`: goTo(line), selectRequest(key), clear(). */
export function renderStory(panel, app, actions) {
    const { model, selected } = app;
    const request = selected.key ? model.requests.get(selected.key) : null;
    const content = [];

    if (selected.kind === 'datagram') {
        content.push(...datagramPanel(app, model.datagrams[selected.index], actions));
    } else if (request) {
        content.push(makeElement('h2', { text: `The story of ${request.key}` }));
        content.push(makeElement('p', { class: 'story-lead', text: requestLead(model, request) }));
        if (isElsewhere(request)) {
            content.push(
                makeElement('p', {
                    text:
                        'What was sent for it is not on this page. In the terminal: ' +
                        `--why ${request.key}`,
                }),
            );
        }
        content.push(
            makeElement(
                'ol',
                { class: 'story-lines' },
                storyLines(model, request).map((line) => storyItem(line, app, actions)),
            ),
        );
    } else if (selected.kind === 'event') {
        const e = model.events[selected.index];
        content.push(
            makeElement('h2', { text: formatInstant(e.t, 3) }),
            makeElement('p', { class: 'story-lead', text: eventSentence(model, e) }),
        );
    } else {
        content.push(
            makeElement('h2', { text: 'Nothing selected' }),
            makeElement('p', {
                text: 'Click an arrow for its datagram, a table’s row for a request’s story.',
            }),
        );
    }
    if (selected.kind !== 'nothing') {
        content.push(
            makeElement('button', {
                type: 'button',
                class: 'link',
                text: 'Clear the selection',
                on: { click: () => actions.clear() },
            }),
        );
    }
    panel.replaceChildren(...content.filter((element) => element !== null));
}

/* Marks the lines of the story that are still to come: those behind `order`. */
export function markStory(panel, order) {
    for (const item of panel.querySelectorAll('.story-line')) {
        item.classList.toggle('is-ahead', Number(item.dataset.order) > order);
    }
}
