/* The page on paper: light, with the diagram in a size of its own, whatever the window's, and with
 * the tables that are short enough; afterwards as it was. */

import { applyTheme } from './actions.js';
import { drawMovement } from './drawing.js';

const PRINT_ROWS_MOST = 24; /* of a table behind a plot */
const PRINT_RATIO = 2; /* pixels of the canvas in a CSS pixel: paper is finer than a screen */

/* The folded parts that are worth their paper. */
function foldedParts() {
    return [...document.querySelectorAll('details:not([open])')].filter(
        (details) =>
            details.classList.contains('metrics-card') ||
            details.querySelectorAll('tbody tr').length <= PRINT_ROWS_MOST,
    );
}

export function attachPrinting(page) {
    const root = document.documentElement;
    let folded = [];

    window.addEventListener('beforeprint', () => {
        folded = foldedParts();
        for (const details of folded) details.open = true;
        root.toggleAttribute('data-print', true);
        page.diagram.ratio = PRINT_RATIO;
        applyTheme(page, 'light');
        drawMovement(page);
    });
    window.addEventListener('afterprint', () => {
        for (const details of folded) details.open = false;
        root.toggleAttribute('data-print', false);
        page.diagram.ratio = 1;
        applyTheme(page);
    });
}
