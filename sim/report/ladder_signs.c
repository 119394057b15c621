#include "report/ladder_parts.h"

/* One column each in every terminal. */
struct ladder_look {
    const char *unicode;
    const char *ascii;
    const char *word; /* in the legend */
    enum out_paint paint;
};

static const struct ladder_look LOOKS[LADDER_SIGN_COUNT] = {
    [LADDER_BEGIN] = {"●", "*", "begins", OUT_BOLD},
    [LADDER_EXECUTE] = {"◆", "#", "is executed", OUT_BOLD},
    [LADDER_TIMEOUT] = {"!", "!", "timeout", OUT_WARN},
    [LADDER_RETRY] = {"↻", "~", "retry", OUT_WARN},
    [LADDER_ERROR] = {"!", "!", "error reply", OUT_WARN},
    [LADDER_ANSWERED] = {"✓", "=", "answered", OUT_GOOD},
    [LADDER_FAILED] = {"✗", "x", "failed", OUT_BAD},
    [LADDER_ARRIVED] = {"▶", ">", NULL, OUT_PLAIN},
    [LADDER_ARRIVED_LEFT] = {"◀", "<", NULL, OUT_PLAIN},
    [LADDER_LOST] = {"✗", "x", "lost", OUT_BAD},
    [LADDER_REJECTED] = {"⊘", "o", "arrived, not taken", OUT_WARN},
    [LADDER_UNDER_WAY] = {"?", "?", "still under way at the end", OUT_WARN},
    [LADDER_CRASH] = {"✗", "x", "crash", OUT_BAD},
    [LADDER_RESTART] = {"▲", "^", "restart", OUT_GOOD},
    [LADDER_PAUSE] = {"▼", "v", "pause", OUT_WARN},
    [LADDER_RESUME] = {"▲", "^", "resume", OUT_GOOD},
    [LADDER_LIFE] = {"│", "|", NULL, OUT_DIM},
    [LADDER_LIFE_DOWN] = {"·", ".", "down", OUT_DIM},
    [LADDER_LIFE_PAUSED] = {"║", "H", "standing still", OUT_DIM},
    [LADDER_LINE] = {"─", "-", "request", OUT_PLAIN},
    [LADDER_LINE_REPLY] = {"╌", ".", "reply", OUT_PLAIN},
    [LADDER_LINE_COPY] = {"═", "=", "copy made by the network", OUT_WARN},
    [LADDER_TAIL] = {"├", "+", NULL, OUT_PLAIN},
    [LADDER_TAIL_LEFT] = {"┤", "+", NULL, OUT_PLAIN},
    [LADDER_CROSSING] = {"┼", "+", NULL, OUT_PLAIN},
    [LADDER_BAND] = {"═", "=", NULL, OUT_WARN},
    [LADDER_GAP] = {"⋮", ":", NULL, OUT_DIM},
};

const char *ladder_sign(enum ladder_sign sign, bool unicode)
{
    return unicode ? LOOKS[sign].unicode : LOOKS[sign].ascii;
}

const char *ladder_sign_word(enum ladder_sign sign)
{
    return LOOKS[sign].word;
}

enum out_paint ladder_sign_paint(enum ladder_sign sign)
{
    return LOOKS[sign].paint;
}
