/* Which part of a run is looked at: by client or request, by outcome, and by what was lost. */

/* The choices of the outcome list: [value, label, whether a request's row passes]. */
export const FILTER_OUTCOMES = [
    ['', 'every outcome', () => true],
    ['answered', 'answered', (row) => row.outcome === 'answered'],
    ['first', 'answered at the first try', (row) => row.outcome === 'answered' && row.tries === 1],
    ['retried', 'answered after retries', (row) => row.outcome === 'answered' && row.tries > 1],
    ['failed', 'failed', (row) => row.outcome !== 'answered'],
    ['error', 'failed: error', (row) => row.outcome === 'error'],
    ['timed-out', 'failed: timed out', (row) => row.outcome === 'timed-out'],
    ['cancelled', 'failed: cancelled', (row) => row.outcome === 'cancelled'],
    ['twice', 'executed more than once', (row) => row.executions > 1],
    ['wrong', 'answered wrongly', (row) => row.wrong === true],
];

/* Reads "c1", "c*", "c1/3", "c1/1..3", several joined by commas or blanks. Empty: everything.
 * Returns {all, error, parts}; a part is {name, prefix, low, high}. */
function parseSelector(text) {
    const parts = [];

    for (const word of text.split(/[\s,]+/).filter((w) => w !== '')) {
        const match = /^([A-Za-z][A-Za-z0-9_-]*\*?|\*)(?:\/(\d+)(?:\.\.(\d+))?)?$/.exec(word);
        if (!match) {
            return {
                all: false,
                parts: [],
                error: `“${word}” is no client (c1, c*) or request (c1/3)`,
            };
        }
        const prefix = match[1].endsWith('*');
        const low = match[2] === undefined ? 0 : Number(match[2]);
        parts.push({
            name: prefix ? match[1].slice(0, -1) : match[1],
            prefix,
            low,
            high: match[3] === undefined ? (low === 0 ? Infinity : low) : Number(match[3]),
        });
    }
    return { all: parts.length === 0, parts, error: '' };
}

/* Whether request `n` (0: no request, only the node counts) of the node called `name` is meant. */
function selectorTakes(selector, name, n) {
    return (
        selector.all ||
        selector.parts.some(
            (part) =>
                (part.prefix ? name.startsWith(part.name) : name === part.name) &&
                (part.low === 0 || (n >= part.low && n <= part.high)),
        )
    );
}

/* Applies {text, outcome, lost}: what is shown of the model.
 * Returns {error, datagrams: [index], events: [index], lost: count, requests: [request],
 * takes: Uint8Array by datagram}. An outcome leaves out what belongs to no request; `lost` leaves
 * only lost datagrams and what befell nodes and links. */
export function applyFilter(model, filter) {
    const selector = parseSelector(filter.text);
    const outcome = FILTER_OUTCOMES.find((o) => o[0] === filter.outcome) || FILTER_OUTCOMES[0];
    const shown = {
        error: selector.error,
        datagrams: [],
        events: [],
        requests: [],
        lost: 0,
        takes: new Uint8Array(model.datagrams.length),
    };
    const passing = new Set();

    for (const request of model.requests.values()) {
        const name = model.nodes[request.client].name;
        if (
            selectorTakes(selector, name, request.n) &&
            (outcome[0] === '' || (request.row !== null && outcome[2](request.row))) &&
            (!filter.lost || request.datagrams.some((i) => model.datagrams[i].fate === 'lost'))
        ) {
            passing.add(request.key);
            shown.requests.push(request);
        }
    }
    const takes = (key, nodes) =>
        key !== ''
            ? passing.has(key)
            : outcome[0] === '' &&
              (selector.all ||
                  nodes.some((i) => i >= 0 && selectorTakes(selector, model.nodes[i].name, 0)));
    for (const d of model.datagrams) {
        if (!takes(d.key, [d.client, d.from, d.to])) continue;
        if (filter.lost && d.fate !== 'lost') continue;
        shown.takes[d.index] = 1;
        shown.datagrams.push(d.index);
        if (d.fate === 'lost') shown.lost++;
    }
    for (const e of model.events) {
        const ofNetwork =
            e.key === '' && e.client < 0 && e.event !== 'rejected' && e.event !== 'execute';
        if (ofNetwork || (!filter.lost && takes(e.key, [e.client, e.node]))) {
            shown.events.push(e.index);
        }
    }
    return shown;
}
