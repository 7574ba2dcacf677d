// Filled by the work that needs it.
