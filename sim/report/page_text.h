/* The page of --html but for the run's data, as sim/report/page/page.cmake has put it together. */
#ifndef REPORT_PAGE_TEXT_H
#define REPORT_PAGE_TEXT_H

#include <stddef.h>

/* From the document's first octet up to the data. */
extern const unsigned char page_text_before[];
extern const size_t page_text_before_size;

/* From behind the data: the script, and the end of the document. */
extern const unsigned char page_text_after[];
extern const size_t page_text_after_size;

#endif
