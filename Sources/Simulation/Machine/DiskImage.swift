package import MemoryStore

/// The disk of the fake world is the one that users' tests have.
package typealias DiskImage = MemoryStore.DiskImage
