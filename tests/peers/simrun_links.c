/* Whether each link of a run lost what it should: simrun_links FILE PROBABILITY
 *
 * FILE is what --json wrote. Prints a line for each link whose losses lie outside the exact
 * two-sided bound at ALPHA (either tail at most half of it), worked out here once more, with
 * nothing of simrun's own. Status 1: there was one, or no link at all. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define ALPHA 1e-6

/* P(exactly `hits` of `trials`). */
static double exactly(long long hits, long long trials, double probability)
{
    double n = (double)trials;
    double k = (double)hits;

    return exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(probability) +
               (n - k) * log1p(-probability));
}

/* P(from `first` to `last` of `trials`). */
static double between(long long first, long long last, long long trials, double probability)
{
    double sum = 0;

    for (long long hits = first; hits <= last; hits++) {
        sum += exactly(hits, trials, probability);
    }
    return sum;
}

int main(int argc, char **argv)
{
    json_t *run = argc == 3 ? json_load_file(argv[1], 0, NULL) : NULL;
    double probability = argc == 3 ? strtod(argv[2], NULL) : 0;
    const json_t *links = json_object_get(run, "links");
    const json_t *link;
    size_t i;
    int outside = 0;

    if (run == NULL || probability <= 0 || probability >= 1) {
        fputs("usage: simrun_links FILE PROBABILITY\n", stderr);
        return 2;
    }
    json_array_foreach(links, i, link)
    {
        long long trials = json_integer_value(json_object_get(link, "sent")) +
                           json_integer_value(json_object_get(link, "duplicated"));
        long long lost = json_integer_value(json_object_get(link, "lost"));
        if (between(0, lost, trials, probability) < ALPHA / 2 ||
            between(lost, trials, trials, probability) < ALPHA / 2) {
            printf("%s -> %s: %lld of %lld lost\n",
                   json_string_value(json_object_get(link, "from")),
                   json_string_value(json_object_get(link, "to")), lost, trials);
            outside++;
        }
    }
    printf("%zu links, %d outside\n", json_array_size(links), outside);
    outside += json_array_size(links) == 0;
    json_decref(run);
    return outside > 0;
}
