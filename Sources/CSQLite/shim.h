// What SQLite has with variable arguments, which Swift does not see. Declared here and not included: GRDB's module
// brings the rest of SQLite.
#ifndef REPRISE_CSQLITE_SHIM_H
#define REPRISE_CSQLITE_SHIM_H

int sqlite3_config(int option, ...);

// SQLITE_CONFIG_MEMSTATUS: no counting, under one lock for the whole process, of what each allocation takes.
static inline void reprise_sqlite_count_no_memory(void) { sqlite3_config(9, 0); }

#endif
