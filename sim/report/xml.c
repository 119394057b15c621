#include "report/xml.h"

#include <stdint.h>
#include <string.h>

#include "report/out.h"

/* The entity of a character that means something to XML; NULL: it means nothing. */
static const char *xml_entity(char character)
{
    switch (character) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    }
    return NULL;
}

void xml_bytes(FILE *out, const char *text, size_t size)
{
    const uint8_t *bytes = (const uint8_t *)text;
    char form[OUT_FORM_MAX];
    unsigned columns;

    for (size_t i = 0; i < size;) {
        size_t taken = out_next_character(bytes + i, size - i, true, form, &columns);
        bool nothing =
            taken == 3 && bytes[i] == 0xef && bytes[i + 1] == 0xbf && bytes[i + 2] >= 0xbe;
        if (nothing) {
            fprintf(out, "\\xef\\xbf\\x%02x", bytes[i + 2]);
        } else {
            const char *entity = xml_entity(form[0]);
            fputs(entity != NULL ? entity : form, out);
        }
        i += taken;
    }
}

void xml_text(FILE *out, const char *text)
{
    xml_bytes(out, text, strlen(text));
}

void xml_attribute(FILE *out, const char *name, const char *value)
{
    fprintf(out, " %s=\"", name);
    xml_text(out, value);
    fputc('"', out);
}
