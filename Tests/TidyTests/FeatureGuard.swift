// A misspelt upcoming feature is ignored by the compiler without a word.
#if !hasFeature(ExistentialAny)
    #error("ExistentialAny is not in force")
#endif
#if !hasFeature(InternalImportsByDefault)
    #error("InternalImportsByDefault is not in force")
#endif
#if swift(<6)
    #error("the language mode is older than Swift 6")
#endif
