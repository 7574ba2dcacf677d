import DurableModel
import GRDB

extension PackedRows {
    /// Used only inside accesses of the writing connection.
    final class Writer {
        private let last: LastPlace
        /// What the next row will hold.
        private var growing = PackWriter()
        private let readFrom: PreparedStatement
        private let insertRow: PreparedStatement
        private let deleteRow: PreparedStatement

        init(_ db: Database) throws {
            last = try LastPlace("last_serial, last_created_ms, last_expires_ms", of: "packed", db)
            readFrom = try PreparedStatement(
                "SELECT last_serial, members FROM packed WHERE last_serial >= ? ORDER BY last_serial LIMIT 1", on: db)
            insertRow = try PreparedStatement(
                """
                INSERT INTO packed (last_serial, last_created_ms, last_expires_ms, member_count, members)
                VALUES (?, ?, ?, ?, ?)
                """, on: db)
            deleteRow = try PreparedStatement("DELETE FROM packed WHERE last_serial = ?", on: db)
        }

        func rolledBack() {
            last.rolledBack()
            growing.clear()
        }

        /// False for what belongs elsewhere. Nothing is there before `finish()`.
        func add(_ record: InvocationRecord, _ serial: InvocationSerial) throws -> Bool {
            guard let place = record.briefPlace(serial), try place.follows(last.value()) else { return false }
            guard growing.add(record, serial, expiresAtMs: place.expiresAtMs) else { return false }
            last.move(to: place)
            if growing.isFull { try finish() }
            return true
        }

        func finish() throws {
            guard growing.memberCount > 0, let last = try last.value() else { return }
            try insert(growing.bytes, growing.memberCount, upTo: last)
            growing.clear()
        }

        /// Deletes those that are here and returns the others.
        func delete(_ serials: [InvocationSerial]) throws -> [InvocationSerial] {
            var others: [InvocationSerial] = []
            var waiting = serials.sorted { $0.rawValue < $1.rawValue }[...]
            while let first = waiting.first {
                guard let (lastSerial, bytes) = try row(from: first) else { return others + waiting }
                let reached = waiting.prefix { $0.rawValue <= lastSerial }
                waiting = waiting.dropFirst(reached.count)
                others += try delete(Set(reached), from: bytes, lastSerial)
            }
            return others
        }

        /// Out of its pack, because it changes. nil when it is not here.
        func take(_ serial: InvocationSerial) throws -> InvocationRecord? {
            guard let (lastSerial, bytes) = try row(from: serial) else { return nil }
            let pack = try Pack(bytes)
            guard let member = pack.members.first(where: { $0.serial == serial }) else { return nil }
            let record = try pack.record(of: member)
            _ = try delete([serial], from: bytes, lastSerial)
            return record
        }

        private func delete(
            _ leaving: Set<InvocationSerial>, from bytes: Bytes, _ lastSerial: Int64
        ) throws -> [InvocationSerial] {
            // A pack that does not decode keeps everything that it may hold.
            guard let pack = try? Pack(bytes) else { return Array(leaving) }
            let staying = pack.members.filter { !leaving.contains($0.serial) }
            if staying.count < pack.members.count {
                deleteRow.bind(lastSerial)
                try deleteRow.run()
                if let last = staying.last { try insert(pack.bytes(of: staying), staying.count, upTo: last.place) }
            }
            guard pack.members.count - staying.count < leaving.count else { return [] }
            return Array(leaving.subtracting(pack.members.map(\.serial)))
        }

        private func row(from serial: InvocationSerial) throws -> (lastSerial: Int64, members: Bytes)? {
            readFrom.bind(serial.rawValue)
            return try readFrom.row { ($0.int64(0), $0.blob(1)) }
        }

        private func insert(_ members: Bytes, _ count: Int, upTo last: RowOrder.Place) throws {
            insertRow.bind(last.serial)
            insertRow.bind(last.createdAtMs)
            insertRow.bind(last.expiresAtMs)
            insertRow.bind(count)
            insertRow.bind(members)
            try insertRow.run()
        }
    }
}
