/* Looks at pages as a person would, in a headless Chromium driven through chromedriver (WebDriver,
 * W3C 2018):
 *
 *   simrun_browser PORT CHROMIUM PROFILE_DIRECTORY < STEPS
 *
 * PORT is chromedriver's on 127.0.0.1. A step a line; empty lines and those with # in front mean
 * nothing. A SELECTOR is CSS and has no blank.
 *
 *   open FILE                    a page; what the console said before is forgotten
 *   screen WIDTH HEIGHT SCHEME   the window from now on, in pixels; SCHEME: light, dark
 *   do SCRIPT                    runs it
 *   see SENTENCE | EXPRESSION    waits until the expression is true
 *   click SELECTOR               in its middle, by mouse
 *   press EXPRESSION             the mouse at the place {x, y} that it gives, in pixels of the
 * window type SELECTOR TEXT           into the field, in place of what was there key NAME a letter,
 * or Space, to whatever has the focus quiet SENTENCE               the console has said nothing
 * since `open` alone SENTENCE               nothing was fetched since `open` but the page itself
 *   shot FILE                    a PNG of the window
 *
 * Prints `pass SENTENCE` or `FAIL SENTENCE: what was found` for see, quiet and alone, and FAIL for
 * any other step that could not be done; gives up after a few of those. Status 0: all steps passed;
 * 1: some failed; 2: there is no browser. */
#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATH_MAX_SIZE 512
#define REPLY_MAX     (64u << 20)
#define WAIT_MS       20000 /* how long `see` waits: longer than any loaded machine needs */
#define FAILED_MAX    8     /* steps; then nothing is worth waiting for any more */

struct browser {
    uint16_t port;
    char session[128]; /* "/session/ID"; "" = none */
    unsigned failed;   /* steps */
};

/* ---- HTTP ------------------------------------------------------------------------------------ */

static bool send_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        bytes += sent;
        size -= (size_t)sent;
    }
    return true;
}

/* The whole size of a reply whose head is complete; 0 = it is not. */
static size_t reply_size(const char *reply)
{
    const char *head_end = strstr(reply, "\r\n\r\n");
    const char *length = strcasestr(reply, "\r\nContent-Length:");

    if (head_end == NULL || length == NULL || length > head_end) {
        return 0;
    }
    return (size_t)(head_end + 4 - reply) + strtoul(length + 17, NULL, 10);
}

/* Reads up to the end of the body. NULL: it broke off. */
static char *receive_reply(int fd)
{
    size_t capacity = 65536;
    size_t size = 0;
    char *reply = malloc(capacity);

    while (reply != NULL && size < REPLY_MAX) {
        ssize_t got = recv(fd, reply + size, capacity - size - 1, 0);
        if (got <= 0) {
            break;
        }
        size += (size_t)got;
        reply[size] = '\0';
        size_t whole = reply_size(reply);
        if (whole > 0 && size >= whole) {
            return reply;
        }
        if (size + 1 == capacity) {
            char *larger = realloc(reply, 2 * capacity);
            if (larger == NULL) {
                break;
            }
            reply = larger;
            capacity *= 2;
        }
    }
    free(reply);
    return NULL;
}

/* Sends a request and returns the body as JSON; NULL: no answer. */
static json_t *http(const struct browser *browser, const char *method, const char *path,
                    const char *body)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(browser->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char head[1024];
    char *reply = NULL;
    json_t *value = NULL;

    snprintf(head, sizeof head,
             "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nContent-Type: application/json\r\n"
             "Content-Length: %zu\r\nConnection: close\r\n\r\n",
             method, path, browser->port, strlen(body));
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
        send_all(fd, head, strlen(head)) && send_all(fd, body, strlen(body))) {
        reply = receive_reply(fd);
    }
    if (reply != NULL) {
        value = json_loads(strstr(reply, "\r\n\r\n") + 4, 0, NULL);
    }
    free(reply);
    close(fd);
    return value;
}

/* ---- WebDriver ------------------------------------------------------------------------------- */

/* Asks the browser, takes over `body` (NULL: {}) and returns what is its `value`; NULL, with what
 * it said in `error`: it refused, or is gone. */
static json_t *ask(struct browser *browser, const char *method, const char *command, json_t *body,
                   char error[512])
{
    char path[PATH_MAX_SIZE];
    char *text = body != NULL ? json_dumps(body, 0) : strdup("{}");

    snprintf(path, sizeof path, "%s%s", browser->session, command);
    json_t *reply = text != NULL ? http(browser, method, path, text) : NULL;
    json_t *value = json_incref(json_object_get(reply, "value"));
    free(text);
    json_decref(body);
    json_decref(reply);
    snprintf(error, 512, "the browser gave no answer");
    if (json_object_get(value, "error") != NULL) {
        snprintf(error, 512, "%s", json_string_value(json_object_get(value, "message")));
        error[strcspn(error, "\n")] = '\0';
        json_decref(value);
        return NULL;
    }
    return value;
}

/* Begins a session of a browser that asks nobody for anything. */
static bool begin(struct browser *browser, const char *chromium, const char *profile)
{
    char directory[PATH_MAX_SIZE];
    char error[512];

    snprintf(directory, sizeof directory, "--user-data-dir=%s", profile);
    json_t *body = json_pack(
        "{s:{s:{s:{s:s,s:s},s:{s:s,s:[s,s,s,s,s,s,s,s]},s:{s:i}}}}", "capabilities", "alwaysMatch",
        "goog:loggingPrefs", "browser", "ALL", "performance", "ALL", "goog:chromeOptions", "binary",
        chromium, "args", "--headless=new", "--no-sandbox", "--disable-gpu",
        "--disable-dev-shm-usage", "--no-first-run", "--disable-component-update",
        "--host-resolver-rules=MAP * ~NOTFOUND", directory, "timeouts", "script", 2 * WAIT_MS);
    json_t *value = ask(browser, "POST", "/session", body, error);
    if (value == NULL) {
        fprintf(stderr, "simrun_browser: %s\n", error);
        return false;
    }
    snprintf(browser->session, sizeof browser->session, "/session/%s",
             json_string_value(json_object_get(value, "sessionId")));
    json_decref(value);
    return true;
}

static void end(struct browser *browser)
{
    char error[512];
    json_decref(ask(browser, "DELETE", "", NULL, error));
}

/* ---- steps ----------------------------------------------------------------------------------- */

static void say(struct browser *browser, const char *sentence, bool passed, const char *found)
{
    browser->failed += !passed;
    if (passed) {
        printf("pass %s\n", sentence);
    } else {
        printf("FAIL %s: %s\n", sentence, found);
    }
    fflush(stdout);
}

/* A step that must simply work: takes over `value`. */
static bool done(struct browser *browser, const char *step, json_t *value, const char *error)
{
    if (value == NULL) {
        say(browser, step, false, error);
    }
    json_decref(value);
    return value != NULL;
}

/* The entries of a log since it was last read: a new array, or NULL. */
static json_t *read_log(struct browser *browser, const char *type, char error[512])
{
    return ask(browser, "POST", "/se/log", json_pack("{s:s}", "type", type), error);
}

static void step_open(struct browser *browser, const char *file)
{
    char url[PATH_MAX_SIZE];
    char error[512];

    json_decref(read_log(browser, "browser", error));
    json_decref(read_log(browser, "performance", error));
    snprintf(url, sizeof url, "file://%s", file);
    done(browser, file, ask(browser, "POST", "/url", json_pack("{s:s}", "url", url), error), error);
}

static bool developer(struct browser *browser, const char *command, json_t *parameters)
{
    char error[512];
    json_t *body = json_pack("{s:s,s:o}", "cmd", command, "params", parameters);

    return done(browser, command, ask(browser, "POST", "/goog/cdp/execute", body, error), error);
}

static void step_screen(struct browser *browser, const char *words)
{
    int width = 0;
    int height = 0;
    char scheme[16] = "";

    if (sscanf(words, "%d %d %15s", &width, &height, scheme) != 3) {
        say(browser, words, false, "WIDTH HEIGHT SCHEME wanted");
        return;
    }
    developer(browser, "Emulation.setDeviceMetricsOverride",
              json_pack("{s:i,s:i,s:i,s:b}", "width", width, "height", height, "deviceScaleFactor",
                        1, "mobile", 0));
    developer(
        browser, "Emulation.setEmulatedMedia",
        json_pack("{s:[{s:s,s:s}]}", "features", "name", "prefers-color-scheme", "value", scheme));
}

static void step_do(struct browser *browser, const char *script)
{
    char error[512];
    json_t *body = json_pack("{s:s,s:[]}", "script", script, "args");

    done(browser, script, ask(browser, "POST", "/execute/sync", body, error), error);
}

/* The page itself waits, so that nobody asks in vain; a click or an animation may take its time. */
static void step_see(struct browser *browser, char *words)
{
    static const char wrapper[] =
        "const done = arguments[0], until = Date.now() + %d;"
        "(function look() {"
        "  let value;"
        "  try { value = (%s); } catch (problem) { value = String(problem); }"
        "  if (value === true || Date.now() > until) done(value === undefined ? null : value);"
        "  else setTimeout(look, 20);"
        "})();";
    char *bar = strstr(words, " | ");
    char *script = NULL;
    char error[512];

    if (bar == NULL) {
        say(browser, words, false, "SENTENCE | EXPRESSION wanted");
        return;
    }
    *bar = '\0';
    if (asprintf(&script, wrapper, WAIT_MS, bar + 3) < 0) {
        say(browser, words, false, "no memory");
        return;
    }
    json_t *body = json_pack("{s:s,s:[]}", "script", script, "args");
    json_t *value = ask(browser, "POST", "/execute/async", body, error);
    char *found = value != NULL ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
    say(browser, words, json_is_true(value), found != NULL ? found : error);
    free(found);
    free(script);
    json_decref(value);
}

/* So often an element is sought anew that is drawn anew whenever it was found. */
#define ELEMENT_TRIES 100

/* "/element/ID" of the first that the selector names; false: there is none. */
static bool find_element(struct browser *browser, const char *selector, char path[PATH_MAX_SIZE])
{
    char error[512];
    json_t *body = json_pack("{s:s,s:s}", "using", "css selector", "value", selector);
    json_t *value = ask(browser, "POST", "/element", body, error);
    const char *id = json_string_value(json_object_iter_value(json_object_iter(value)));

    snprintf(path, PATH_MAX_SIZE, "/element/%s", id != NULL ? id : "");
    return done(browser, selector, value, error);
}

static void step_element(struct browser *browser, char *words, bool types)
{
    char *text = types ? strchr(words, ' ') : NULL;
    char element[PATH_MAX_SIZE];
    char path[PATH_MAX_SIZE + 16];
    char error[512];

    if (text != NULL) {
        *text++ = '\0';
    }
    json_t *value = NULL;
    bool stale = true; /* the page has drawn the element anew since it was found */
    for (unsigned tries = 0; stale && tries < ELEMENT_TRIES; tries++) {
        if (!find_element(browser, words, element)) {
            return;
        }
        snprintf(path, sizeof path, "%s/%s", element, types ? "clear" : "click");
        value = ask(browser, "POST", path, NULL, error);
        stale = value == NULL && strstr(error, "stale element") != NULL;
    }
    if (!done(browser, words, value, error) || text == NULL) {
        return;
    }
    snprintf(path, sizeof path, "%s/value", element);
    done(browser, words, ask(browser, "POST", path, json_pack("{s:s}", "text", text), error),
         error);
}

/* Does one thing after the other with an input device: takes over `actions`. */
static void perform(struct browser *browser, const char *step, const char *type, json_t *actions)
{
    char error[512];
    json_t *body =
        json_pack("{s:[{s:s,s:s,s:o}]}", "actions", "type", type, "id", type, "actions", actions);

    done(browser, step, ask(browser, "POST", "/actions", body, error), error);
}

static void step_press(struct browser *browser, const char *expression)
{
    char *script = NULL;
    char error[512];

    if (asprintf(&script, "return %s;", expression) < 0) {
        say(browser, expression, false, "no memory");
        return;
    }
    json_t *body = json_pack("{s:s,s:[]}", "script", script, "args");
    json_t *place = ask(browser, "POST", "/execute/sync", body, error);
    if (json_is_object(place)) {
        int x = (int)json_number_value(json_object_get(place, "x"));
        int y = (int)json_number_value(json_object_get(place, "y"));
        perform(browser, expression, "pointer",
                json_pack("[{s:s,s:i,s:i,s:i},{s:s,s:i},{s:s,s:i}]", "type", "pointerMove", "x", x,
                          "y", y, "duration", 0, "type", "pointerDown", "button", 0, "type",
                          "pointerUp", "button", 0));
    } else {
        say(browser, expression, false, place != NULL ? "no place" : error);
    }
    free(script);
    json_decref(place);
}

static void step_key(struct browser *browser, const char *name)
{
    const char *key = strcmp(name, "Space") == 0 ? " " : name;

    perform(browser, name, "key",
            json_pack("[{s:s,s:s},{s:s,s:s}]", "type", "keyDown", "value", key, "type", "keyUp",
                      "value", key));
}

static void step_quiet(struct browser *browser, const char *sentence)
{
    char error[512];
    json_t *entries = read_log(browser, "browser", error);
    const char *message = json_string_value(json_object_get(json_array_get(entries, 0), "message"));

    say(browser, sentence, entries != NULL && json_array_size(entries) == 0,
        message != NULL ? message : error);
    json_decref(entries);
}

/* The address that an entry of the performance log says was asked for; NULL: it is of no request.
 * Valid as long as *message, which it sets. */
static const char *fetched(const json_t *entry, json_t **message)
{
    const char *text = json_string_value(json_object_get(entry, "message"));

    *message = text != NULL ? json_loads(text, 0, NULL) : NULL;
    const json_t *event = json_object_get(*message, "message");
    const char *method = json_string_value(json_object_get(event, "method"));
    if (method == NULL || strcmp(method, "Network.requestWillBeSent") != 0) {
        return NULL;
    }
    const json_t *parameters = json_object_get(event, "params");
    return json_string_value(json_object_get(json_object_get(parameters, "request"), "url"));
}

static void step_alone(struct browser *browser, const char *sentence)
{
    char error[512];
    json_t *entries = read_log(browser, "performance", error);
    unsigned pages = 0;
    char other[PATH_MAX_SIZE] = "";

    for (size_t i = 0; i < json_array_size(entries); i++) {
        json_t *message;
        const char *url = fetched(json_array_get(entries, i), &message);
        if (url != NULL && strncmp(url, "file://", 7) == 0) {
            pages++;
        } else if (url != NULL && strncmp(url, "data:", 5) != 0 &&
                   strncmp(url, "chrome:", 7) != 0) { /* the browser's own empty page */
            snprintf(other, sizeof other, "%s", url);
        }
        json_decref(message);
    }
    if (pages != 1 && other[0] == '\0') {
        snprintf(other, sizeof other, "%u files", pages);
    }
    say(browser, sentence, other[0] == '\0', other);
    json_decref(entries);
}

/* Writes what base64 stands for. */
static void write_base64(FILE *out, const char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0;
    unsigned count = 0;

    for (; *text != '\0' && *text != '='; text++) {
        const char *digit = strchr(digits, *text);
        bits = bits << 6 | (digit != NULL ? (uint32_t)(digit - digits) : 0);
        count += 6;
        if (count >= 8) {
            count -= 8;
            fputc((int)(bits >> count & 0xff), out);
        }
    }
}

static void step_shot(struct browser *browser, const char *file)
{
    char error[512];
    json_t *value = ask(browser, "GET", "/screenshot", NULL, error);
    FILE *out = value != NULL ? fopen(file, "wb") : NULL;

    if (value != NULL && out == NULL) {
        say(browser, file, false, strerror(errno));
    } else if (value != NULL) {
        write_base64(out, json_string_value(value));
        fclose(out);
    }
    done(browser, file, value, error);
}

static void step(struct browser *browser, char *line)
{
    char *words = line + strcspn(line, " ");

    if (*words != '\0') {
        *words++ = '\0';
    }
    if (strcmp(line, "open") == 0) {
        step_open(browser, words);
    } else if (strcmp(line, "screen") == 0) {
        step_screen(browser, words);
    } else if (strcmp(line, "do") == 0) {
        step_do(browser, words);
    } else if (strcmp(line, "see") == 0) {
        step_see(browser, words);
    } else if (strcmp(line, "click") == 0 || strcmp(line, "type") == 0) {
        step_element(browser, words, line[0] == 't');
    } else if (strcmp(line, "press") == 0) {
        step_press(browser, words);
    } else if (strcmp(line, "key") == 0) {
        step_key(browser, words);
    } else if (strcmp(line, "quiet") == 0) {
        step_quiet(browser, words);
    } else if (strcmp(line, "alone") == 0) {
        step_alone(browser, words);
    } else if (strcmp(line, "shot") == 0) {
        step_shot(browser, words);
    } else {
        say(browser, line, false, "no such step");
    }
}

/* Set by SIGTERM: no browser may be left behind. */
static volatile sig_atomic_t stopped;

static void stop(int signal)
{
    (void)signal;
    stopped = 1;
}

int main(int argc, char **argv)
{
    const struct sigaction action = {.sa_handler = stop};
    struct browser browser = {.port = 0};
    char *line = NULL;
    size_t capacity = 0;

    if (argc != 4) {
        fprintf(stderr, "usage: simrun_browser PORT CHROMIUM PROFILE_DIRECTORY < STEPS\n");
        return 2;
    }
    sigaction(SIGTERM, &action, NULL);
    browser.port = (uint16_t)strtoul(argv[1], NULL, 10);
    if (!begin(&browser, argv[2], argv[3])) {
        return 2;
    }
    while (!stopped && browser.failed < FAILED_MAX && getline(&line, &capacity, stdin) > 0) {
        char *text = line + strspn(line, " ");
        text[strcspn(text, "\n")] = '\0';
        if (text[0] != '\0' && text[0] != '#') {
            step(&browser, text);
        }
    }
    free(line);
    end(&browser);
    return browser.failed > 0 || stopped ? 1 : 0;
}
