#include <string.h>

#include "report/ladder_parts.h"

void ladder_canvas_clear(struct ladder_canvas *canvas)
{
    for (unsigned x = 0; x < canvas->width; x++) {
        strcpy(canvas->cells[x].form, " ");
        canvas->cells[x].paint = OUT_PLAIN;
    }
    canvas->used = 0;
}

void ladder_canvas_put(struct ladder_canvas *canvas, unsigned x, const char *form,
                       enum out_paint paint)
{
    if (x < canvas->width) {
        struct ladder_cell *cell = &canvas->cells[x];
        strncpy(cell->form, form, sizeof cell->form - 1);
        cell->paint = paint;
        canvas->used = x + 1 > canvas->used ? x + 1 : canvas->used;
    }
}

/* How many bytes of the text fit into `columns`; all, if all do. */
static size_t canvas_fit(const struct ladder_canvas *canvas, unsigned columns, const char *text,
                         unsigned *taken)
{
    const uint8_t *bytes = (const uint8_t *)text;
    size_t size = strlen(text);
    char form[OUT_FORM_MAX];
    unsigned width;
    size_t at = 0;

    *taken = 0;
    while (at < size) {
        size_t step =
            out_next_character(bytes + at, size - at, canvas->out->style.unicode, form, &width);
        if (*taken + width > columns) {
            break;
        }
        *taken += width;
        at += step;
    }
    return at;
}

unsigned ladder_canvas_measure(const struct ladder_canvas *canvas, unsigned columns,
                               const char *text)
{
    unsigned taken;

    return text[canvas_fit(canvas, columns, text, &taken)] == '\0' ? taken : columns;
}

/* Puts one character's safe form, which takes `width` columns, at x. */
static void canvas_put_form(struct ladder_canvas *canvas, unsigned x, const char *form,
                            unsigned width, enum out_paint paint)
{
    if (width == 0) {
        /* It belongs to what stands before it. */
        struct ladder_cell *cell = x > 0 && x <= canvas->width ? &canvas->cells[x - 1] : NULL;
        if (cell != NULL && strlen(cell->form) + strlen(form) < sizeof cell->form) {
            strcat(cell->form, form);
        }
        return;
    }
    ladder_canvas_put(canvas, x, form, paint);
    for (unsigned i = 1; i < width; i++) {
        ladder_canvas_put(canvas, x + i, "", paint);
    }
}

unsigned ladder_canvas_text(struct ladder_canvas *canvas, unsigned x, unsigned columns,
                            const char *text, enum out_paint paint)
{
    unsigned taken;
    unsigned width;
    char form[OUT_FORM_MAX];
    unsigned at = x;

    columns = x < canvas->width ? columns : 0;
    columns = columns < canvas->width - x ? columns : canvas->width - x;
    size_t fits = canvas_fit(canvas, columns, text, &taken);
    bool cut = text[fits] != '\0';
    if (cut) {
        fits = canvas_fit(canvas, columns > 2 ? columns - 2 : 0, text, &taken);
    }
    for (size_t i = 0; i < fits; at += width) {
        i += out_next_character((const uint8_t *)text + i, fits - i, canvas->out->style.unicode,
                                form, &width);
        canvas_put_form(canvas, at, form, width, paint);
    }
    for (unsigned dots = 0; cut && dots < 2 && at < x + columns; dots++) {
        ladder_canvas_put(canvas, at++, ".", paint);
    }
    return at - x;
}

void ladder_canvas_write(struct ladder_canvas *canvas)
{
    enum out_paint paint = OUT_PLAIN;

    for (unsigned x = 0; x < canvas->used; x++) {
        const struct ladder_cell *cell = &canvas->cells[x];
        if (cell->paint != paint) {
            out_paint(canvas->out, OUT_PLAIN);
            if (cell->paint != OUT_PLAIN) {
                out_paint(canvas->out, cell->paint);
            }
            paint = cell->paint;
        }
        if (strcmp(cell->form, " ") == 0) {
            out_pad_to(canvas->out, canvas->out->column + 1);
        } else {
            out_text(canvas->out, cell->form);
        }
    }
    if (paint != OUT_PLAIN) {
        out_paint(canvas->out, OUT_PLAIN);
    }
    out_line(canvas->out);
}
