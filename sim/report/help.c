#include "report/report.h"

#include <string.h>

#include "report/help_topics.h"

struct help_topic {
    const char *name;
    const char *about; /* a few words, for the list of topics */
    const char *text;
};

static const struct help_topic HELP_TOPICS[] = {
    {"scenario", "the lines of a scenario file", HELP_SCENARIO},
    {"nodes", "broker, servers, clients, links, and how to name them", HELP_NODES},
    {"faults", "what the network can do to a datagram", HELP_FAULTS},
    {"retry", "when a client sends again, and when it gives up", HELP_RETRY},
    {"time", "what happens at an instant, again and again, for a while", HELP_TIME},
    {"expect", "what a run must show to pass", HELP_EXPECT},
    {"search", "many seeds, many values, random scenarios", HELP_SEARCH},
    {"look", "charts, stories, pages and captures of a run", HELP_LOOK},
    {"report", "how to read what simrun prints", HELP_REPORT},
    {"exit", "exit statuses", HELP_EXIT},
    {"json", "the object that --json writes", HELP_JSON},
    {"events", "the lines that --events writes", HELP_EVENTS},
};
#define HELP_TOPIC_COUNT (sizeof HELP_TOPICS / sizeof HELP_TOPICS[0])

static const char HELP_OVERVIEW[] =
    "Usage: simrun [OPTION...] SCENARIO...            (- reads standard input)\n"
    "\n"
    "Runs a broker, its servers and scripted clients over a network that misbehaves\n"
    "on command, as a scenario file says, and judges what came of it.\n"
    "\n"
    "Run\n"
    "  --seed N|random      another seed: other datagrams are lost\n"
    "  --world real|virtual loopback sockets and the wall clock (the default), or\n"
    "                       simulated time: at once, and the same each time\n"
    "  --set 'DIRECTIVE'    replaces a line of the scenario, may be repeated\n"
    "  --cpus LIST  --spin  real world: the threads' processors; more exact wake-ups\n"
    "  --trace off|full     off: count only, for speed (default: full)\n"
    "Look (more by --help=look)\n"
    "  -v                   every event as it happens\n"
    "  --ladder[=mermaid]   a message-sequence chart in the terminal, or for slides\n"
    "  --why C/N            the story of one request, in sentences\n"
    "  --only WHAT          less of it: c1, toupper, c1/3, c1/1..3\n"
    "  --pace R|step        a virtual run at R times wall speed, or key by key\n"
    "  --html FILE          a page to project: the diagram that plays, and plots\n"
    "  --pcap FILE          a capture for Wireshark\n"
    "  --json F --events F  the report, and every event, for machines\n"
    "  --diff A B           two runs compared, by their JSON or events\n"
    "Judge\n"
    "  --junit FILE         the verdicts for CI\n"
    "  --out DIR            a folder for each failed run [--keep failed|all]\n"
    "  --strict             warnings are errors\n"
    "  -q                   print failures only\n"
    "Search (more by --help=search)\n"
    "  --seed A..B          each of these seeds, in the virtual world, -j N at once\n"
    "  --shard I/N          its part of the seeds; merge_sweeps puts all together\n"
    "  --max-failures N     ends after so many failing seeds (default: 10)\n"
    "  --vary 'DIRECTIVE with {a,b,c}'        a row for each of the values\n"
    "  --random             a random scenario, from the seed\n"
    "  --verify             runs it in both worlds and compares, by identity\n"
    "  --shrink FILE        a failing run cut down to the faults that matter\n"
    "  --explore K          every way of losing up to K datagrams [--max-runs N]\n"
    "Help\n"
    "  --check              explain the scenarios in plain words, run nothing\n"
    "  --list               the scenarios that come with simrun\n"
    "  --models             what each fault model was asked for, and what it gave\n"
    "  --color WHEN         auto, always or never\n"
    "  --version            print the version\n"
    "  -h, --help[=TOPIC]   this, or more about: scenario nodes faults retry time\n"
    "                       expect search look report exit json events\n"
    "\n"
    "Exit status: 0 all held, 1 an expectation failed, 2 bad usage or scenario,\n"
    "3 the machine said no, 4 a promise was broken, 130/143 ended by a signal.\n"
    "\n"
    "Examples\n"
    "  simrun scenarios/loss10.txt\n"
    "  simrun scenarios/loss10.txt --seed 7 --set 'network loss 30%' -v\n"
    "  simrun scenarios/loss10.txt --html loss10.html --ladder --only c1/1..3\n";

static void help_list_topics(FILE *out)
{
    fputs("The topics of --help=TOPIC:\n", out);
    for (size_t i = 0; i < HELP_TOPIC_COUNT; i++) {
        fprintf(out, "  %-10s %s\n", HELP_TOPICS[i].name, HELP_TOPICS[i].about);
    }
}

bool report_help(FILE *out, const char *topic)
{
    if (topic == NULL) {
        fputs(HELP_OVERVIEW, out);
        return true;
    }
    for (size_t i = 0; i < HELP_TOPIC_COUNT; i++) {
        if (strcmp(topic, HELP_TOPICS[i].name) == 0) {
            fputs(HELP_TOPICS[i].text, out);
            return true;
        }
    }
    help_list_topics(out);
    return false;
}
