import Calls
import Evidence
import Foundation
import GRDB

// How values of ours stand in SQLite.

extension Identifier {
    /// Sixteen bytes.
    var blob: Data { Data(bytes) }

    /// Of a column; nil where it has not sixteen bytes. Audits read them by the million.
    init?(column data: Data) {
        guard data.count == 16 else { return nil }
        self = data.withUnsafeBytes { bytes in
            Identifier(
                high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
    }
}

extension Row {
    /// An id that must be there.
    func identifier<Kind>(_ column: String, _: Kind.Type = Kind.self) throws -> Identifier<Kind> {
        guard let id: Identifier<Kind> = try optionalIdentifier(column) else {
            throw StorageError(.corrupt, "column \(column) has no id: run 'hotline evidence verify'")
        }
        return id
    }

    func optionalIdentifier<Kind>(_ column: String, _: Kind.Type = Kind.self) throws -> Identifier<Kind>? {
        guard let data: Data = self[column] else { return nil }
        guard let id = Identifier<Kind>(column: data) else {
            throw StorageError(.corrupt, "column \(column) holds \(data.count) bytes, not an id of 16")
        }
        return id
    }

    /// An instant kept in `<name>_wall` and `<name>_mono`; nil where it has not happened.
    func instant(_ name: String) -> Instant? {
        guard let wall: Int64 = self["\(name)_wall"], let mono: Int64 = self["\(name)_mono"] else { return nil }
        return Instant(wall: wall, mono: mono)
    }

    func time(_ name: String) -> UTCTime? { instant(name).map { UTCTime($0) } }

    /// A word of one of our vocabularies; nil where the column is null.
    func word<Word: RawRepresentable<String>>(_ column: String, _: Word.Type = Word.self) throws -> Word? {
        guard let text: String = self[column] else { return nil }
        guard let word = Word(rawValue: text) else {
            throw StorageError(.corrupt, "column \(column) holds '\(text)', which is no \(Word.self)")
        }
        return word
    }

    func requiredWord<Word: RawRepresentable<String>>(_ column: String, _: Word.Type = Word.self) throws -> Word {
        guard let word: Word = try word(column) else {
            throw StorageError(.corrupt, "column \(column) is empty: run 'hotline evidence verify'")
        }
        return word
    }

    /// A value kept as JSON text; nil where the column is null.
    func json<Value: Decodable>(_ column: String, _: Value.Type = Value.self) throws -> Value? {
        guard let text: String = self[column] else { return nil }
        do {
            return try JSONDecoder().decode(Value.self, from: Data(text.utf8))
        } catch {
            throw StorageError(.corrupt, "column \(column) holds JSON that does not fit", underlying: "\(error)")
        }
    }
}

extension Database {
    /// Runs a statement that is kept prepared.
    /// - Returns: how many rows it changed.
    @discardableResult
    func run(_ sql: String, _ arguments: StatementArguments) throws -> Int {
        try cachedStatement(sql: sql).execute(arguments: arguments)
        return changesCount
    }

    /// Has SQLite write zeros over what is taken out, rather than leave it in the file until the place is needed. What is within
    /// another one stays so to the outer's end.
    func securely(_ work: () throws -> Void) throws {
        let isSecure = try Int.fetchOne(self, sql: "PRAGMA secure_delete") == 1
        guard !isSecure else { return try work() }
        try execute(sql: "PRAGMA secure_delete = ON")
        defer {
            // Without it the rest is only slower.
            try? execute(sql: "PRAGMA secure_delete = OFF")
        }
        try work()
    }

    /// The first row, through a kept statement.
    func row(_ sql: String, _ arguments: StatementArguments = []) throws -> Row? {
        try Row.fetchOne(cachedStatement(sql: sql), arguments: arguments)
    }

    func rows(_ sql: String, _ arguments: StatementArguments = []) throws -> [Row] {
        try Row.fetchAll(cachedStatement(sql: sql), arguments: arguments)
    }
}

/// Canonical JSON text of a value, for columns that hold structure.
func canonicalText(_ value: some Encodable) throws -> String {
    String(decoding: try CanonicalEncoder.encode(value), as: UTF8.self)
}

extension StorageError {
    /// Gives an engine's error a code and words.
    /// - Parameter doing: what was being done, for people.
    static func sqlite(_ error: any Error, doing: String) -> StorageError {
        switch error {
        case let error as StorageError: return error
        case let error as DatabaseError:
            let words = "SQLite \(error.extendedResultCode.rawValue), \(error.message ?? "no message")"
            switch error.resultCode {
            case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_RANGE, .SQLITE_TOOBIG:
                return StorageError(.conflict, "\(doing): the facts contradict what is stored", underlying: words)
            case .SQLITE_CORRUPT, .SQLITE_NOTADB:
                return StorageError(
                    .corrupt, "\(doing): the database file is damaged; restore a backup", underlying: words)
            case .SQLITE_FULL:
                return StorageError(.unavailable, "\(doing): the disk is full", underlying: words)
            default:
                return StorageError(.unavailable, "\(doing): the database cannot be used now", underlying: words)
            }
        default:
            return StorageError(.unavailable, "\(doing): the database cannot be used now", underlying: "\(error)")
        }
    }
}
