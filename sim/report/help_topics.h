/* The texts of --help, each at most 80 columns wide. */
#ifndef REPORT_HELP_TOPICS_H
#define REPORT_HELP_TOPICS_H

/* The language (help_language.c). */
extern const char HELP_SCENARIO[];
extern const char HELP_NODES[];
extern const char HELP_FAULTS[];
extern const char HELP_RETRY[];
extern const char HELP_TIME[];
extern const char HELP_EXPECT[];

/* What comes out (help_output.c). */
extern const char HELP_LOOK[];
extern const char HELP_REPORT[];
extern const char HELP_EXIT[];
extern const char HELP_JSON[];
extern const char HELP_EVENTS[];

/* Many runs of a scenario (help_search.c). */
extern const char HELP_SEARCH[];

#endif
