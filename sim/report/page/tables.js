/* Long tables a page at a time: requests and datagrams, in words what the diagram draws. */

import { datagramFate, datagramKind, outcomeReason } from './sentence.js';
import { formatCount, formatDuration, formatInstant, makeElement } from './text.js';
import { showOctetsShort } from './text.js';

const TABLES_PAGE_ROWS = 25;

/* A table in `root` that shows a page of a list. `columns`: [[title, is a number], ...]; `cells` of
 * an item: a list of texts; `select(item)` is called when the button in its first cell is pressed;
 * `testid` marks the rows. Returns {show(items), mark(item)}. */
function createPagedTable(root, { caption, columns, cells, select, testid }) {
    const body = makeElement('tbody');
    const status = makeElement('span', { class: 'page-status', 'aria-live': 'polite' });
    const table = {
        items: [],
        page: 0,
        chosen: null,
        show(items) {
            table.items = items;
            table.page = 0;
            fill();
        },
        mark(item) {
            table.chosen = item;
            const at = item === null ? -1 : table.items.indexOf(item);
            if (at >= 0) table.page = Math.floor(at / TABLES_PAGE_ROWS);
            fill();
        },
    };
    const turn = (by) => {
        table.page = Math.max(0, Math.min(lastPage(), table.page + by));
        fill();
    };
    const lastPage = () => Math.max(0, Math.ceil(table.items.length / TABLES_PAGE_ROWS) - 1);
    const pageButton = (text, label, by) =>
        makeElement('button', {
            type: 'button',
            'aria-label': `${label}: ${caption}`,
            text,
            on: { click: () => turn(by) },
        });
    const previous = pageButton('‹ Previous', 'previous page', -1);
    const next = pageButton('Next ›', 'next page', 1);

    function fill() {
        const first = table.page * TABLES_PAGE_ROWS;
        const part = table.items.slice(first, first + TABLES_PAGE_ROWS);
        body.replaceChildren(
            ...part.map((item) =>
                makeElement(
                    'tr',
                    {
                        'data-testid': testid,
                        class: item === table.chosen ? 'is-chosen' : null,
                        'data-key': item.key || null,
                        on: { click: () => select(item) },
                    },
                    cells(item).map((text, i) =>
                        makeElement(
                            'td',
                            { class: columns[i][1] ? 'number' : null },
                            i === 0
                                ? makeElement('button', { type: 'button', class: 'link', text })
                                : text,
                        ),
                    ),
                ),
            ),
        );
        const count = formatCount(table.items.length);
        const last = formatCount(first + part.length);
        status.textContent =
            part.length === 0 ? 'none' : `${formatCount(first + 1)}–${last} of ${count}`;
        previous.disabled = table.page === 0;
        next.disabled = table.page >= lastPage();
    }

    root.replaceChildren(
        makeElement(
            'div',
            { class: 'table-wide' },
            makeElement(
                'table',
                {},
                makeElement('caption', { class: 'hidden', text: caption }),
                makeElement(
                    'thead',
                    {},
                    makeElement(
                        'tr',
                        {},
                        columns.map(([title, number]) =>
                            makeElement('th', {
                                scope: 'col',
                                class: number ? 'number' : null,
                                text: title,
                            }),
                        ),
                    ),
                ),
                body,
            ),
        ),
        makeElement('div', { class: 'pages' }, previous, status, next),
    );
    return table;
}

/* The table of requests. */
export function createRequestTable(root, select) {
    return createPagedTable(root, {
        caption: 'Requests',
        testid: 'request-row',
        select,
        columns: [
            ['Request'],
            ['Operation'],
            ['Outcome'],
            ['Tries', true],
            ['Executions', true],
            ['Begun', true],
            ['Latency', true],
        ],
        cells: (request) => {
            const { row } = request;
            if (row === null) return [request.key, '', '', '', '', '', ''];
            const code = row.code && row.code !== 200 ? ` ${row.code}` : '';
            return [
                request.key,
                row.op,
                row.outcome === 'answered'
                    ? `answered${row.wrong ? ', wrongly' : ''}`
                    : `✗ ${outcomeReason(row.outcome + code)}`,
                String(row.tries),
                String(row.executions),
                formatInstant(row.begin_ns),
                row.latency_ns === null || row.outcome !== 'answered'
                    ? '–'
                    : formatDuration(row.latency_ns),
            ];
        },
    });
}

/* The table of datagrams: the diagram as a list. */
export function createDatagramTable(root, model, select) {
    return createPagedTable(root, {
        caption: 'Datagrams',
        testid: 'datagram-row',
        select,
        columns: [
            ['Sent', true],
            ['From'],
            ['To'],
            ['Request'],
            ['Try', true],
            ['What'],
            ['Fate'],
            ['Octets'],
        ],
        cells: (d) => [
            formatInstant(d.sent),
            model.nodes[d.from].name,
            model.nodes[d.to].name,
            d.key || '–',
            d.try > 0 ? String(d.try) : '–',
            datagramKind(d),
            (d.fate === 'lost' ? '✗ ' : '') + datagramFate(d),
            showOctetsShort(d.text, 48),
        ],
    });
}
