/* What happened, in sentences: for the line under the diagram, the story and the announcements. */

import { formatDuration, showOctets, showOctetsShort, showText } from './text.js';

const SENTENCE_LOSS = {
    loss: 'lost by chance',
    drop: 'dropped, as the scenario says',
    down: 'lost: the link is down',
    queue: 'lost: the queue of the link was full',
    mtu: 'lost: larger than the link allows',
};
const SENTENCE_LOSS_SHORT = {
    loss: 'lost',
    drop: 'dropped',
    down: 'link down',
    queue: 'queue full',
    mtu: 'too large',
};
const SENTENCE_REJECTED = {
    late: 'too late: that request was over already',
    stale: 'of a request that nobody waits for',
    spoofed: 'not from where it should come',
    corrupt: 'its checksum does not hold',
    malformed: 'it is no message of this protocol',
    truncated: 'it was cut short',
    version: 'of another version of the protocol',
    'wrong-kind': 'a reply where a request belongs',
    foreign: 'from outside the run',
    deaf: 'nobody listens: the node is down',
};
const SENTENCE_OUTCOME = {
    'timed-out': 'nobody answered in time',
    error: 'answered with an error',
    cancelled: 'cancelled: the run was over',
};

/* Why a datagram was lost: "lost by chance". */
export function lossReason(reason) {
    return SENTENCE_LOSS[reason] || 'lost' + (reason ? ' (' + showText(reason) + ')' : '');
}

/* The same in a word or two, for the diagram. */
export function lossLabel(reason) {
    return SENTENCE_LOSS_SHORT[reason] || 'lost';
}

/* Why a datagram was not taken. */
export function rejectReason(reason) {
    return SENTENCE_REJECTED[reason] || showText(reason) || 'not taken';
}

/* How a request failed; `detail` is the outcome and perhaps a code ("error 404"). */
export function outcomeReason(detail) {
    const [word, ...rest] = detail.split(' ');
    const said = SENTENCE_OUTCOME[word] || showText(detail) || 'failed';
    return rest.length > 0 && SENTENCE_OUTCOME[word] ? `${said} ${showText(rest.join(' '))}` : said;
}

/* "c1/3, try 2" or "c1/3" or "". */
export function requestLabel(what) {
    if (what.key === '') return '';
    return what.try > 0 ? `${what.key}, try ${what.try}` : what.key;
}

/* What a datagram is: "request", "reply", "copy of a reply". */
export function datagramKind(d) {
    const kinds = {
        request: 'request',
        reply: 'reply',
        plain: 'plain datagram',
        raw: 'raw datagram',
    };
    const kind = kinds[d.kind] || 'datagram';
    return d.copy > 0 ? `copy of the ${kind}` : kind;
}

/* What became of a datagram, as the rest of a sentence: "arrived after 2.1 ms". */
export function datagramFate(d) {
    const damage = d.damage === null ? '' : ' (damaged on the way)';

    if (d.fate === 'lost') return lossReason(d.reason);
    if (d.fate === 'in flight') return 'still under way at the end of the run';
    const took =
        d.arrived > d.sent
            ? `arrived after ${formatDuration(d.arrived - d.sent)}`
            : 'arrived at once';
    if (d.fate === 'rejected') return `${took}${damage}, not taken: ${rejectReason(d.reason)}`;
    return took + damage;
}

/* A moment of the axis as a sentence without its time. */
export function momentSentence(model, moment) {
    if (moment.kind === 'event') return eventSentence(model, model.events[moment.index]);
    const d = model.datagrams[moment.index];
    const label = requestLabel(d);
    const way = `${model.nodes[d.from].name} → ${model.nodes[d.to].name}`;
    const what = `${way}: ${datagramKind(d)}${label ? ' of ' + label : ''}`;

    if (moment.kind === 'arrive') {
        return d.fate === 'rejected'
            ? `${what} arrives, not taken: ${rejectReason(d.reason)}`
            : `${what} arrives`;
    }
    return d.fate === 'lost'
        ? `${what} is ${lossReason(d.reason).replace(/^lost: /, 'lost: ')}`
        : `${what} leaves`;
}

/* An event as a sentence without its time. */
export function eventSentence(model, e) {
    const node = e.node >= 0 ? model.nodes[e.node].name : '';
    const label = requestLabel(e);

    switch (e.event) {
        case 'begin':
            return `${node} begins ${e.key}: ${showOctetsShort(e.detail, 60)}`;
        case 'execute':
            return `${node} executes ${label}`;
        case 'timeout':
            return `${node}: the timer of ${label} is over`;
        case 'retry':
            return `${node} tries ${e.key} again, try ${e.try}`;
        case 'answered':
            return `${node}: ${e.key} is answered: ${showOctetsShort(e.detail, 60) || '(empty)'}`;
        case 'failed':
            return `${node}: ${e.key} has failed: ${outcomeReason(e.detail)}`;
        case 'rejected':
            return `${node} does not take it: ${rejectReason(e.detail)}`;
        case 'error':
            return `${node} gets an error for ${label}: ${showOctets(e.detail)}`;
        case 'crash':
            return `${node} crashes, and forgets all`;
        case 'restart':
            return `${node} is up again, empty`;
        case 'pause':
            return `${node} stands still`;
        case 'resume':
            return `${node} goes on`;
        case 'partition':
            return `cut off: ${showText(e.detail)}`;
        case 'heal':
            return e.detail === '' || e.detail === 'heal'
                ? 'joined again'
                : `joined again: ${showText(e.detail)}`;
        case 'fault':
            return `the network changes: ${showText(e.detail)}`;
        case 'note':
            return showText(e.detail);
    }
    return `${node} ${showText(e.event)} ${showText(e.detail)}`;
}
