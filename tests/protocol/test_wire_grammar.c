/* wire_decode against the grammar of protocol.md, read here octet by octet and without haste: the
 * same verdict and the same message for every string of octets, of which the hostile ones are made
 * from sound ones by small changes, most with a sum that holds again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/prng.h"
#include "harness.h"
#include "protocol/crc32c.h"
#include "protocol/wire.h"

/* ---- the slow reader ---- */

struct reader {
    const uint8_t *bytes;
    size_t size;
    size_t at;
    bool good; /* so far everything was where it belongs */
};

/* The next octet, -1 at the end. */
static int look(const struct reader *reader)
{
    return reader->at < reader->size ? reader->bytes[reader->at] : -1;
}

static int take(struct reader *reader)
{
    int octet = look(reader);

    reader->at += octet >= 0;
    return octet;
}

static void expect(struct reader *reader, const char *octets)
{
    for (; *octets != '\0'; octets++) {
        reader->good &= take(reader) == *octets;
    }
}

static uint64_t read_hex(struct reader *reader, unsigned digits)
{
    static const char all[] = "0123456789abcdef";
    uint64_t value = 0;

    while (digits-- > 0) {
        int octet = take(reader);
        const char *digit = octet > 0 ? strchr(all, octet) : NULL;
        reader->good &= digit != NULL;
        value = value * 16 + (uint64_t)(digit != NULL ? digit - all : 0);
    }
    return value;
}

static unsigned read_decimal(struct reader *reader, unsigned digits_max, unsigned min, unsigned max)
{
    size_t first = reader->at;
    unsigned value = 0;

    while (look(reader) >= '0' && look(reader) <= '9' && reader->at - first < digits_max) {
        value = value * 10 + (unsigned)(take(reader) - '0');
    }
    size_t digits = reader->at - first;
    reader->good &= digits >= 1 && (digits == 1 || reader->bytes[first] != '0') && value >= min &&
                    value <= max && !(look(reader) >= '0' && look(reader) <= '9');
    return value;
}

/* The sum of all octets, the eight from `field` on as zeros. */
static uint32_t sum_blanked(const uint8_t *bytes, size_t size, size_t field)
{
    uint8_t blanked[WIRE_DATAGRAM_MAX];

    memcpy(blanked, bytes, size);
    memcpy(blanked + field, "00000000", 8);
    return crc32c_by_table(0, blanked, size);
}

static bool is_op_octet(int octet, bool first)
{
    return octet > 0 &&
           strchr(first ? "abcdefghijklmnopqrstuvwxyz" : "abcdefghijklmnopqrstuvwxyz0123456789-_",
                  octet) != NULL;
}

static enum wire_status read_body(struct reader *reader, struct wire_message *message)
{
    const uint8_t *op = reader->bytes + reader->at;
    size_t op_size = 0;

    while (is_op_octet(look(reader), op_size == 0)) {
        (void)take(reader);
        op_size++;
    }
    if (op_size < 1 || op_size > WIRE_OP_MAX || take(reader) != ':') {
        return WIRE_BAD_BODY;
    }
    message->op = op;
    message->op_size = op_size;
    if (reader->size - reader->at > WIRE_TEXT_MAX) {
        return WIRE_TOO_LARGE;
    }
    message->text = reader->bytes + reader->at;
    message->text_size = reader->size - reader->at;
    return WIRE_OK;
}

static enum wire_status read_slowly(struct wire_message *message, const uint8_t *bytes, size_t size)
{
    struct reader reader = {.bytes = bytes, .size = size, .good = true};
    struct wire_message read = {.kind = WIRE_REQUEST};

    if (size > WIRE_DATAGRAM_MAX) {
        return WIRE_TRUNCATED;
    }
    expect(&reader, "SIM");
    if (!reader.good) {
        return WIRE_PLAIN;
    }
    int version = take(&reader);
    reader.good &= version >= '0' && version <= '9';
    expect(&reader, " ");
    int kind = take(&reader);
    reader.good &= kind == 'Q' || kind == 'R';
    read.kind = kind == 'Q' ? WIRE_REQUEST : WIRE_REPLY;
    expect(&reader, " ");
    read.id = read_hex(&reader, 16);
    expect(&reader, " ");
    read.try = read_decimal(&reader, 2, 1, 99);
    if (!reader.good || read.id == 0) {
        return WIRE_MALFORMED;
    }
    if (version != '1') {
        if (kind != 'Q' || (look(&reader) != ' ' && look(&reader) != -1)) {
            return WIRE_MALFORMED;
        }
        *message = read;
        return WIRE_VERSION;
    }
    expect(&reader, " ");
    if (kind == 'Q') {
        read.ttl_ms = read_decimal(&reader, 6, 0, 600000);
    } else {
        read.code = read_decimal(&reader, 3, 100, 999);
    }
    expect(&reader, " ");
    size_t field = reader.at;
    uint64_t crc = read_hex(&reader, 8);
    expect(&reader, " ");
    if (!reader.good) {
        return WIRE_MALFORMED;
    }
    if (sum_blanked(bytes, size, field) != crc) {
        return WIRE_CORRUPT;
    }
    enum wire_status status = WIRE_OK;
    if (kind == 'Q') {
        status = read_body(&reader, &read);
    } else if (size - reader.at > WIRE_TEXT_MAX) {
        return WIRE_MALFORMED;
    } else {
        read.text = bytes + reader.at;
        read.text_size = size - reader.at;
    }
    *message = read;
    return status;
}

/* ---- hostile datagrams ---- */

struct datagram {
    uint8_t bytes[2 * WIRE_DATAGRAM_MAX];
    size_t size;
};

static const char *const sound[] = {
    "SIM1 Q 9f3a61c07be2d415 1 5000 8b4e036f toupper:hello",
    "SIM1 R 9f3a61c07be2d415 12 200 1cc0671a HELLO",
    "SIM1 Q 0000000000000001 9 0 00000000 a:",
    "SIM1 R ffffffffffffffff 99 100 00000000 ",
    "SIM2 Q 9f3a61c07be2d415 7 whatever follows, no matter",
    "SIM1 Q 00000000000000af 10 600000 00000000 abcdefghijklmnopqrstuvwxyz0123-_:x",
    "SIM1 Q 8000000000000000 2 60 00000000 echo:",
    "toupper:hello",
};

/* Replaces, leaves out or puts in an octet, mostly a likely one of the first sixty, or cuts. */
static void change(struct datagram *datagram, uint64_t random)
{
    static const char likely[] = "0123456789abcdefgzABF QRSIM:+-_\n";
    size_t near = datagram->size < 60 ? datagram->size : 60;
    size_t at = (size_t)prng_below(prng_draw(random, 1), near + 1);
    uint8_t octet = (uint8_t)likely[prng_below(prng_draw(random, 2), sizeof likely - 1)];
    uint8_t *bytes = datagram->bytes;

    switch (prng_below(prng_draw(random, 3), 8)) {
    case 0:
        bytes[at] = (uint8_t)prng_draw(random, 4);
        break;
    case 1:
        datagram->size = at;
        break;
    case 2:
        memmove(bytes + at + 1, bytes + at, datagram->size - at);
        bytes[at] = octet;
        datagram->size++;
        break;
    case 3:
        if (at < datagram->size) {
            memmove(bytes + at, bytes + at + 1, datagram->size - at - 1);
            datagram->size--;
        }
        break;
    default:
        bytes[at] = octet;
        break;
    }
}

/* Makes the sum hold, if there is a place for it: behind the fifth space. */
static void mend(struct datagram *datagram)
{
    size_t field = 0;
    char digits[9];

    for (unsigned spaces = 0; spaces < 5 && field < datagram->size; field++) {
        spaces += datagram->bytes[field] == ' ';
    }
    if (datagram->size <= WIRE_DATAGRAM_MAX && field + 8 <= datagram->size) {
        uint32_t crc = sum_blanked(datagram->bytes, datagram->size, field);
        snprintf(digits, sizeof digits, "%08x", (unsigned)crc);
        memcpy(datagram->bytes + field, digits, 8);
    }
}

/* A sound datagram, sometimes with a long end, a sum that holds mostly, and up to three changes
 * before or after it was mended. */
static void make_hostile(struct datagram *datagram, uint64_t random)
{
    const char *text = sound[prng_below(prng_draw(random, 1), HARNESS_COUNT(sound))];

    memset(datagram->bytes, 'x', sizeof datagram->bytes);
    datagram->size = strlen(text);
    memcpy(datagram->bytes, text, datagram->size);
    if (prng_below(prng_draw(random, 2), 16) == 0) {
        datagram->size += WIRE_TEXT_MAX - 12 + (size_t)prng_below(prng_draw(random, 3), 200);
    }
    for (uint64_t i = prng_below(prng_draw(random, 4), 4); i > 0; i--) {
        change(datagram, prng_draw(random, 100 + i));
    }
    if (prng_below(prng_draw(random, 5), 4) > 0) {
        mend(datagram);
    }
    if (prng_below(prng_draw(random, 6), 8) == 0) {
        change(datagram, prng_draw(random, 200));
    }
}

static bool are_same(const struct wire_message *a, const struct wire_message *b)
{
    return a->kind == b->kind && a->id == b->id && a->try == b->try && a->ttl_ms == b->ttl_ms &&
           a->code == b->code && a->op == b->op && a->op_size == b->op_size && a->text == b->text &&
           a->text_size == b->text_size;
}

static void every_datagram_is_judged_as_the_grammar_judges_it(void)
{
    struct datagram datagram;
    unsigned counts[WIRE_TOO_LARGE + 1] = {0};
    unsigned wrong = 0;

    for (uint64_t i = 0; i < 200000; i++) {
        struct wire_message slow = {.id = 5, .try = 6, .code = 7};
        struct wire_message fast = slow;
        make_hostile(&datagram, prng_draw(8, i));
        enum wire_status status = read_slowly(&slow, datagram.bytes, datagram.size);
        wrong += wire_decode(&fast, datagram.bytes, datagram.size) != status;
        wrong += !are_same(&slow, &fast);
        counts[status]++;
    }
    CU_ASSERT_EQUAL(wrong, 0);
    for (unsigned status = 0; status <= WIRE_TOO_LARGE; status++) {
        CU_ASSERT(counts[status] > 200); /* of each kind there were enough */
    }
}

static void nothing_of_a_hostile_datagram_is_read_behind_its_end(void)
{
    struct datagram datagram;
    unsigned sound_count = 0;

    /* Each in memory of its own and of exactly its size: the sanitizer watches. */
    for (uint64_t i = 0; i < 20000; i++) {
        struct wire_message message;
        enum wire_kind kind;
        uint64_t id;
        unsigned try;
        make_hostile(&datagram, prng_draw(9, i));
        uint8_t *exact = malloc(datagram.size + 1);
        CU_ASSERT_PTR_NOT_NULL_FATAL(exact);
        uint8_t *bytes = exact + 1;
        memcpy(bytes, datagram.bytes, datagram.size);
        sound_count += wire_decode(&message, bytes, datagram.size) == WIRE_OK;
        sound_count += wire_decode_plain(&message, bytes, datagram.size) == WIRE_OK;
        sound_count += wire_peek(bytes, datagram.size, &kind, &id, &try);
        free(exact);
    }
    CU_ASSERT(sound_count > 1000);
}

static const struct harness_test tests[] = {
    HARNESS_TEST(every_datagram_is_judged_as_the_grammar_judges_it),
    HARNESS_TEST(nothing_of_a_hostile_datagram_is_read_behind_its_end),
};

int main(void)
{
    return harness_run("protocol/wire_grammar", tests, HARNESS_COUNT(tests));
}
