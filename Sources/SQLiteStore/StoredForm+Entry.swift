package import DurableModel

/// Journal entries as the bytes that are stored, for those who try what happens to bytes that nobody stored.
package enum StoredEntry {
    package static func bytes(of entry: JournalEntry) -> Bytes { StoredForm.bytes { $0.entry(entry) } }

    /// nil when the bytes are no entry.
    package static func entry(from bytes: Bytes) -> JournalEntry? {
        try? StoredForm.value(of: bytes) { try $0.entry() }
    }
}
