/* Datagrams as arrows: which are in view, how they look, and which one the pointer is on.
 *
 * A scene is what diagram.js draws: model, shown, axis, view, cursor {u, rank}, selected {kind,
 * key, index}, hovered (a datagram's index or -1), plot {left, right, top, bottom} and yOf in
 * pixels, unit (the size of signs in pixels), colors, timers, bands, outages. */

import { lastAtMost } from './axis.js';
import { drawCross, drawDamage } from './marks.js';

const ARROWS_WITH_HEADS_MAX = 2500; /* more in view are drawn as plain lines */
const ARROWS_FAINT = 0.13; /* what is yet to come, or beside the point */

/* The x of a place of the axis, in pixels. */
export function sceneX(scene, u) {
    const { plot, view } = scene;
    return plot.left + ((u - view.from) / (view.to - view.from)) * (plot.right - plot.left);
}

/* The shown datagrams whose arrows touch the view, as [first, end) of shown.datagrams: found by
 * binary search, since both reach and fromU only grow. */
export function arrowsInView(scene) {
    const places = scene.axis.datagrams;
    const first = lastAtMost(places.reach, scene.view.from) + 1;
    return [Math.max(0, first - 1), lastAtMost(places.fromU, scene.view.to) + 1];
}

/* Whether a datagram belongs to what is selected. */
function isChosen(scene, d) {
    const { selected } = scene;
    if (selected.kind === 'datagram' && d.index === selected.index) return true;
    return selected.key !== '' && d.key === selected.key;
}

/* The k-th shown datagram as a line in pixels, drawn as far as the cursor has come: {d, x0, y0, x1,
 * y1, tipX, tipY, begun, done}. The tip is where it ends now; a lost one gets half-way. Null if one
 * of its ends has no lane. */
function arrowShape(scene, k) {
    const { axis, cursor, yOf } = scene;
    const places = axis.datagrams;
    const d = scene.model.datagrams[scene.shown.datagrams[k]];
    const y0 = yOf[d.from];
    let y1 = yOf[d.to];

    if (Number.isNaN(y0) || Number.isNaN(y1)) return null;
    const lost = d.fate === 'lost';
    const aside = d.copy * 4;
    const x0 = sceneX(scene, places.fromU[k]) + aside;
    let x1 = sceneX(scene, places.toU[k]) + aside;
    let toU = places.toU[k];
    if (lost) {
        x1 = (x0 + x1) / 2;
        y1 = (y0 + y1) / 2;
        toU = (places.fromU[k] + toU) / 2;
    }
    const begun = places.fromRank[k] <= cursor.rank;
    const done = begun && places.toRank[k] <= cursor.rank && toU <= cursor.u;
    const span = toU - places.fromU[k];
    const share = done
        ? 1
        : !begun || span <= 0
          ? 0
          : Math.max(0, Math.min(1, (cursor.u - places.fromU[k]) / span));
    return {
        d,
        x0,
        y0,
        x1,
        y1,
        begun,
        done,
        tipX: x0 + (x1 - x0) * share,
        tipY: y0 + (y1 - y0) * share,
    };
}

/* The colour's name of a datagram: what became of it, else which way it goes. */
function arrowColor(scene, d) {
    if (d.fate === 'lost') return 'lost';
    if (d.fate === 'rejected') return 'rejected';
    if (d.kind === 'raw') return 'raw';
    const { nodes } = scene.model;
    const towardsServer = nodes[d.from].kind === 'client' || nodes[d.to].kind === 'server';
    return towardsServer ? 'request' : 'reply';
}

/* Lines of one look are gathered and drawn with one stroke. */
function bucketOf(buckets, color, alpha, width, dashed) {
    const key = `${color} ${alpha} ${width} ${dashed}`;
    let bucket = buckets.get(key);

    if (!bucket) {
        bucket = { color, alpha, width, dashed, lines: new Path2D(), heads: new Path2D() };
        buckets.set(key, bucket);
    }
    return bucket;
}

/* The head of an arrow at its tip; a bar for one that was not taken. */
function addHead(path, shape, size, refused) {
    const length = Math.hypot(shape.x1 - shape.x0, shape.y1 - shape.y0);
    if (length < size) return;
    const dx = (shape.x1 - shape.x0) / length;
    const dy = (shape.y1 - shape.y0) / length;
    const backX = shape.x1 - dx * size;
    const backY = shape.y1 - dy * size;
    const half = size * 0.42;

    path.moveTo(shape.x1, shape.y1);
    path.lineTo(backX - dy * half, backY + dx * half);
    path.lineTo(backX + dy * half, backY - dx * half);
    path.closePath();
    if (!refused) return;
    path.moveTo(shape.x1 - dy * size * 0.8 + dx, shape.y1 + dx * size * 0.8 + dy);
    path.lineTo(shape.x1 + dy * size * 0.8 + dx, shape.y1 - dx * size * 0.8 + dy);
    path.lineTo(shape.x1 + dy * size * 0.8 - dx * 2, shape.y1 - dx * size * 0.8 - dy * 2);
    path.lineTo(shape.x1 - dy * size * 0.8 - dx * 2, shape.y1 + dx * size * 0.8 - dy * 2);
    path.closePath();
}

/* Adds one arrow to the buckets; what needs signs of its own goes to `signs`. */
function addArrow(scene, shape, chosen, few, buckets, signs) {
    const { d } = shape;
    const quiet = scene.selected.key !== '' || scene.selected.kind === 'datagram';
    const width = chosen ? scene.unit * 0.36 : few ? scene.unit * 0.22 : 1;
    const color = arrowColor(scene, d);
    const dashed = d.copy > 0 || d.fate === 'in flight';
    const past = chosen || !quiet ? 1 : scene.quiet;

    if (!shape.done) {
        const ahead = bucketOf(buckets, color, ARROWS_FAINT * (past < 1 ? 0.5 : 1), width, dashed);
        ahead.lines.moveTo(shape.tipX, shape.tipY);
        ahead.lines.lineTo(shape.x1, shape.y1);
    }
    if (!shape.begun) return;
    const bucket = bucketOf(buckets, color, past, width, dashed);
    bucket.lines.moveTo(shape.x0, shape.y0);
    bucket.lines.lineTo(shape.tipX, shape.tipY);
    if (!shape.done) {
        signs.push({ kind: 'flying', x: shape.tipX, y: shape.tipY, color, alpha: past, chosen });
        return;
    }
    if (d.fate === 'lost') {
        signs.push({ kind: 'lost', x: shape.x1, y: shape.y1, color, alpha: past, chosen });
    } else if (d.fate !== 'in flight' && few) {
        addHead(bucket.heads, shape, scene.unit * (chosen ? 1.5 : 1.1), d.fate === 'rejected');
    }
    if (d.damage !== null && few) {
        signs.push({
            kind: 'damage',
            x: (shape.x0 + shape.x1) / 2,
            y: (shape.y0 + shape.y1) / 2,
            color: 'damage',
            alpha: past,
            chosen,
        });
    }
}

/* Whether no arrow has been drawn yet that looks the same to a pixel. `seen`: Map from the heights
 * of both ends and the fate to a Set of where along the axis. */
function isNewToSee(seen, { d, x0, y0, x1, y1, done }) {
    const lanes = (Math.round(y0) * 65536 + Math.round(y1)) * 4 + (d.fate === 'lost') * 2 + done;
    const along = Math.round(x0) * 65536 + Math.round(x1 - x0);
    let places = seen.get(lanes);

    if (!places) {
        places = new Set();
        seen.set(lanes, places);
    }
    if (places.has(along)) return false;
    places.add(along);
    return true;
}

function drawBuckets(context, scene, buckets) {
    for (const bucket of buckets.values()) {
        context.globalAlpha = bucket.alpha;
        context.strokeStyle = scene.colors[bucket.color];
        context.fillStyle = scene.colors[bucket.color];
        context.lineWidth = bucket.width;
        context.setLineDash(bucket.dashed ? [scene.unit, scene.unit * 0.6] : []);
        context.stroke(bucket.lines);
        context.fill(bucket.heads);
    }
    context.globalAlpha = 1;
    context.setLineDash([]);
}

/* The crosses of many losses of one look, with one stroke. */
function drawCrosses(context, scene, crosses, size, few) {
    const path = new Path2D();

    for (const { x, y } of crosses) {
        path.moveTo(x - size, y - size);
        path.lineTo(x + size, y + size);
        path.moveTo(x - size, y + size);
        path.lineTo(x + size, y - size);
    }
    if (few) {
        context.strokeStyle = scene.colors.paper;
        context.lineWidth = size * 0.5 + 3;
        context.stroke(path);
    }
    context.strokeStyle = scene.colors.lost;
    context.lineWidth = Math.max(1.2, size * 0.5);
    context.stroke(path);
}

function drawSigns(context, scene, signs, few) {
    const crosses = signs.filter((sign) => sign.kind === 'lost' && !sign.chosen);

    if (crosses.length > 0) {
        context.globalAlpha = crosses[0].alpha;
        drawCrosses(context, scene, crosses, scene.unit * (few ? 0.5 : 0.3), few);
    }
    for (const sign of signs) {
        if (sign.kind === 'lost' && !sign.chosen) continue;
        const size = scene.unit * (sign.chosen ? 0.75 : few ? 0.5 : 0.3);

        context.globalAlpha = sign.alpha;
        if (sign.kind === 'lost') {
            drawCross(context, sign.x, sign.y, size, scene.colors.lost, scene.colors.paper);
        } else if (sign.kind === 'damage') {
            drawDamage(
                context,
                sign.x,
                sign.y,
                size * 1.4,
                scene.colors.damage,
                scene.colors.paper,
            );
        } else {
            context.fillStyle = scene.colors[sign.color];
            context.beginPath();
            context.arc(sign.x, sign.y, size * 0.8, 0, 2 * Math.PI);
            context.fill();
        }
    }
    context.globalAlpha = 1;
}

/* Draws all arrows in view, what is chosen above the rest. Returns the shapes of the chosen ones,
 * for labels. */
export function drawArrows(context, scene) {
    const [first, end] = arrowsInView(scene);
    const few = end - first <= ARROWS_WITH_HEADS_MAX;
    const chosenShapes = [];
    const buckets = new Map();
    const signs = [];

    const seen = few ? null : new Map();

    for (let k = first; k < end; k++) {
        const shape = arrowShape(scene, k);
        if (shape === null) continue;
        if (isChosen(scene, shape.d)) {
            chosenShapes.push(shape);
        } else if (seen === null || isNewToSee(seen, shape)) {
            addArrow(scene, shape, false, few, buckets, signs);
        }
    }
    drawBuckets(context, scene, buckets);
    drawSigns(context, scene, signs, few);

    const chosenBuckets = new Map();
    const chosenSigns = [];
    for (const shape of chosenShapes) drawGlow(context, scene, shape);
    for (const shape of chosenShapes) {
        addArrow(scene, shape, true, true, chosenBuckets, chosenSigns);
    }
    drawBuckets(context, scene, chosenBuckets);
    drawSigns(context, scene, chosenSigns, true);
    return chosenShapes;
}

/* The datagram that is selected or under the pointer stands on a band of light. */
function drawGlow(context, scene, shape) {
    const { d } = shape;
    const selected = scene.selected.kind === 'datagram' && scene.selected.index === d.index;

    if (!selected) return;
    context.strokeStyle = scene.colors.glow;
    context.lineWidth = scene.unit * 1.5;
    context.lineCap = 'round';
    context.beginPath();
    context.moveTo(shape.x0, shape.y0);
    context.lineTo(shape.x1, shape.y1);
    context.stroke();
    context.lineCap = 'butt';
}

/* The index of the datagram whose arrow is nearest to a point, at most `reach` pixels away; what is
 * chosen is preferred. -1 if none. */
export function arrowAt(scene, x, y, reach) {
    const [first, end] = arrowsInView(scene);
    let best = reach;
    let found = -1;

    for (let k = first; k < end; k++) {
        const shape = arrowShape(scene, k);
        if (shape === null) continue;
        let away = distanceToLine(x, y, shape);
        if (isChosen(scene, shape.d)) away -= 2;
        if (away < best) {
            best = away;
            found = shape.d.index;
        }
    }
    return found;
}

function distanceToLine(x, y, { x0, y0, x1, y1 }) {
    const dx = x1 - x0;
    const dy = y1 - y0;
    const square = dx * dx + dy * dy;
    const share =
        square === 0 ? 0 : Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / square));
    return Math.hypot(x - x0 - share * dx, y - y0 - share * dy);
}
