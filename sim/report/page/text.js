/* What is shown as text: numbers with their units, octets that may be anything, and the making of
 * elements. Nothing here or elsewhere writes markup: what comes from the run becomes text nodes. */

/* Characters that may reorder or hide what stands beside them: controls, the marks and isolates of
 * bidirectional text, zero-width ones, line and paragraph separators. */
const TEXT_UNSAFE = new RegExp(
    '[\\u0000-\\u001f\\u007f-\\u009f\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff' +
        '\\ufff9-\\ufffb]',
    'g',
);

/* A new element. `attributes`: class, text (its only text), on (an object of listeners), or any
 * attribute by its name; null and false are left out, true is an empty attribute. Children are
 * elements or strings; null is left out. */
export function makeElement(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);

    for (const [name, value] of Object.entries(attributes)) {
        if (value === null || value === false || value === undefined) continue;
        if (name === 'text') element.textContent = value;
        else if (name === 'on') {
            for (const [event, listener] of Object.entries(value)) {
                element.addEventListener(event, listener);
            }
        } else element.setAttribute(name, value === true ? '' : String(value));
    }
    for (const child of children.flat()) {
        if (child !== null && child !== undefined) element.append(child);
    }
    return element;
}

/* An octet (a character 0..255): printable ASCII as it is, but a backslash as two; all else as
 * \xHH. So that "\x00" is an octet, and four characters that look like it are not. */
function showOctet(c) {
    if (c === '\\') return '\\\\';
    return /[\x20-\x7e]/.test(c) ? c : '\\x' + c.charCodeAt(0).toString(16).padStart(2, '0');
}

/* Octets on one line. */
export function showOctets(octets) {
    return Array.from(octets, showOctet).join('');
}

/* The same, cut to `most` characters with an ellipsis; no octet is cut in two. */
export function showOctetsShort(octets, most) {
    const shown = Array.from(octets.slice(0, most + 1), showOctet);
    if (shown.join('').length <= most) return shown.join('');
    while (shown.join('').length >= most) shown.pop();
    return shown.join('') + '…';
}

/* A text of the scenario (UTF-8: titles, labels, rules): what could disturb the line is spelled. */
export function showText(text) {
    return String(text).replace(
        TEXT_UNSAFE,
        (c) => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'),
    );
}

/* Octets as a hex dump: [[offset, hex, text], ...], 8 octets a line. */
export function hexLines(octets) {
    const lines = [];

    for (let at = 0; at < octets.length; at += 8) {
        const part = octets.slice(at, at + 8);
        const hex = Array.from(part, (c) => c.charCodeAt(0).toString(16).padStart(2, '0'));
        lines.push([
            at.toString(16).padStart(4, '0'),
            hex.join(' '),
            part.replace(/[^\x20-\x7e]/g, '·'),
        ]);
    }
    return lines;
}

/* 1234567 -> "1,234,567". */
export function formatCount(count) {
    return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/* "1 request", "2 requests". */
export function formatPlural(count, word) {
    return formatCount(count) + ' ' + word + (count === 1 ? '' : 's');
}

/* A number with at most three digits behind the point, the fewer the larger; no trailing zeros. */
export function formatNumber(value) {
    if (Number.isInteger(value)) return (value < 0 ? '−' : '') + formatCount(Math.abs(value));
    const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 3;
    const text = digits === 0 ? value.toFixed(0) : value.toFixed(digits).replace(/\.?0+$/, '');
    return text.startsWith('-') ? '−' + text.slice(1) : text;
}

/* An instant: "12.35 ms". Always milliseconds, so that instants can be compared at a glance. */
export function formatInstant(t_ns, digits = 2) {
    const text = (t_ns / 1e6).toFixed(digits);
    const [whole, rest] = text.split('.');
    return formatCount(Number(whole)) + (rest ? '.' + rest : '') + '\u00a0ms';
}

/* A length of time in the unit that suits it: "250 ns", "1.5 ms", "2.3 s". */
export function formatDuration(ns) {
    const units = [
        ['s', 1e9],
        ['ms', 1e6],
        ['µs', 1e3],
    ];

    for (const [unit, size] of units) {
        if (ns >= size) return formatNumber(Number((ns / size).toPrecision(4))) + '\u00a0' + unit;
    }
    return formatNumber(Math.round(ns)) + '\u00a0ns';
}

/* 0.0123 -> "1.23%". 0% and 100% are kept for nothing and all. */
export function formatShare(share) {
    const text = formatNumber(Number((share * 100).toPrecision(3)));

    if (text === '0' && share > 0) return '<0.001%';
    if (text === '100' && share < 1) return '>99.9%';
    return text + '%';
}
