/* The legend under the diagram: only of signs that this run has. */

/* Hides the signs of `list` (elements with data-sign) that nothing in the model would show. */
export function showLegend(list, model) {
    const there = new Set(model.events.map((e) => e.event));

    for (const d of model.datagrams) {
        there.add(d.fate);
        if (d.copy > 0) there.add('copy');
        if (d.damage !== null) there.add('damage');
    }
    for (const item of list.querySelectorAll('[data-sign]')) {
        item.hidden = !there.has(item.dataset.sign);
    }
}
