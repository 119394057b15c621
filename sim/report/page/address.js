/* What the page's address holds behind the #, so that a lecture can link to a moment:
 * words joined by commas: large, dark, light, steps, clock, select=c1/3, filter=c*. */

/* The words as {large, theme, mode, select, filter}; what is not there is null (large: false). */
export function readAddress(hash) {
    const address = { large: false, theme: null, mode: null, select: null, filter: null };

    for (const word of hash.replace(/^#/, '').split(',')) {
        const [name, value] = word.split('=');
        if (name === 'large') address.large = true;
        else if (name === 'dark' || name === 'light') address.theme = name;
        else if (name === 'steps' || name === 'clock') address.mode = name;
        else if ((name === 'select' || name === 'filter') && value) {
            try {
                address[name] = decodeURIComponent(value);
            } catch {
                address[name] = null; /* not an address of ours */
            }
        }
    }
    return address;
}

/* Writes the words, without a step in the browser's history. */
export function writeAddress({ large, theme, mode, select, filter }) {
    const words = [];

    if (large) words.push('large');
    if (theme) words.push(theme);
    if (mode) words.push(mode);
    if (select) words.push('select=' + encodeURIComponent(select).replace('%2F', '/'));
    if (filter) words.push('filter=' + encodeURIComponent(filter).replaceAll('%2F', '/'));
    try {
        history.replaceState(null, '', '#' + words.join(','));
    } catch {
        /* a browser that forbids it for files: then the address just stays */
    }
}
