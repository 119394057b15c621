/* Characters of a scenario as a terminal may show them. Private to the folder. */
#ifndef SCENARIO_SHOW_H
#define SCENARIO_SHOW_H

#include <stddef.h>
#include <stdint.h>

/* One character, made safe. */
struct show_character {
    char text[16];  /* as it is, or escaped: NUL-terminated */
    size_t size;    /* bytes of the source that it stands for, at least 1 */
    unsigned width; /* columns of a terminal */
};

/* The character at `bytes` (size > 0). A tab is one blank; control characters, bytes that are not
 * UTF-8 and characters that turn or hide what stands beside them are \xHH; wide characters (East
 * Asian, emoji) have two columns, combining ones none. */
struct show_character show_character(const char *bytes, size_t size);

#endif
