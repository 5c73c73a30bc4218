import Calls
import Foundation
import GRDB

extension SQLiteQueries {
    /// Opens a store for reading only.
    init(readOnly path: String) throws(StorageError) {
        guard FileManager.default.fileExists(atPath: path) else {
            throw StorageError(
                .folder, "there is no store at \(path): start the server once, or name its folder with --data")
        }
        _ = SQLiteLibrary.countsNoMemory
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(2)
        configuration.maximumReaderCount = 2
        configuration.label = "hotline.queries"
        do {
            let pool = try DatabasePool(path: path, configuration: configuration)
            try pool.read { db in try Migrations.check(db, file: path) }
            self.init(pool: pool, path: path)
        } catch {
            throw .sqlite(error, doing: "opening \(path)")
        }
    }

    func backup(to target: String) throws(StorageError) {
        let files = FileManager.default
        guard !files.fileExists(atPath: target) else {
            throw StorageError(.folder, "\(target) exists already: a backup never overwrites; give another name")
        }
        // A copy that is not checked yet must not look like a backup.
        let partial = target + ".partial"
        do {
            if files.fileExists(atPath: partial) { try files.removeItem(atPath: partial) }
            guard files.createFile(atPath: partial, contents: nil, attributes: [.posixPermissions: 0o600]) else {
                throw StorageError(.folder, "\(partial) cannot be made: is the folder there, and writable?")
            }
            let copy = try DatabaseQueue(path: partial)
            try pool.backup(to: copy)
            try copy.close()
            try SQLiteBackup.check(partial)
            try SQLiteBackup.putInPlace(partial, as: target)
        } catch {
            throw .sqlite(error, doing: "backing up \(path) to \(target)")
        }
    }
}

/// What backup and restore share.
enum SQLiteBackup {
    /// 'hotl', as the first migration sets it.
    static let applicationID = 1_752_134_764
    /// Order numbers that a restored store skips for every date it knows: those given away after the backup was made
    /// must not be given again.
    static let skippedNumbers = 1000

    /// Reads a copy as a whole: SQLite's own check, every chain, every row.
    static func check(_ path: String) throws {
        let pool = try DatabasePool(path: path)
        try pool.read { db in
            guard try Int.fetchOne(db, sql: "PRAGMA application_id") == applicationID else {
                throw StorageError(.corrupt, "\(path) is no backup of a store of this program")
            }
            try Migrations.check(db, file: path)
            let words = try String.fetchAll(db, sql: "PRAGMA integrity_check(1)")
            guard words == ["ok"] else {
                throw StorageError(.corrupt, "\(path) is damaged", underlying: words.joined(separator: "; "))
            }
            let verification = try SQLiteVerification(anchors: [])
            while try verification.walkPage(db) {}
            let report = try verification.report(db)
            guard report.ok else {
                let found = report.chains.compactMap(\.firstBreak).first?.message ?? report.differences.first?.message
                throw StorageError(
                    .corrupt, "\(path) does not hold: run 'hotline evidence verify'", underlying: found)
            }
        }
        try pool.close()
    }

    /// Gives a whole file its name, durably.
    static func putInPlace(_ partial: String, as target: String) throws {
        for suffix in ["-wal", "-shm"] where FileManager.default.fileExists(atPath: partial + suffix) {
            try FileManager.default.removeItem(atPath: partial + suffix)
        }
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: partial))
        try file.synchronize()
        try file.close()
        try FileManager.default.moveItem(atPath: partial, toPath: target)
        let folder = (target as NSString).deletingLastPathComponent
        try synchronizeFolder(folder.isEmpty ? "." : folder)
    }
}

extension Store {
    /// Puts a backup into a data folder that has no store yet, after checking it as a whole. Order numbers go on
    /// beyond those that may have been given away since the backup. Blocks the calling thread.
    /// - Throws: `StorageError`: `.folder` where the folder holds a store, `.locked`, `.corrupt`, `.version`.
    public static func restore(backup path: String, folder: String) throws(StorageError) {
        let files = FileManager.default
        guard files.fileExists(atPath: path) else {
            throw StorageError(.folder, "there is no backup at \(path)")
        }
        guard !files.fileExists(atPath: path + "-wal") else {
            throw StorageError(
                .folder, "\(path) is in use: it is a live store, not a backup; make one with 'hotline backup'")
        }
        let folder = DataFolder(folder)
        try folder.make()
        let lock = try FolderLock(folder)
        defer { withExtendedLifetime(lock) {} }
        for file in [folder.database, folder.database + "-wal", folder.spool] where files.fileExists(atPath: file) {
            throw StorageError(.folder, "\(file) exists: a restore never overwrites; give an empty folder with --data")
        }
        let partial = folder.database + ".partial"
        do {
            if files.fileExists(atPath: partial) { try files.removeItem(atPath: partial) }
            try files.copyItem(atPath: path, toPath: partial)
            try SQLiteBackup.check(partial)
            let queue = try DatabaseQueue(path: partial)
            try queue.write { db in _ = try db.run(OrderSQL.skipNumbers, [SQLiteBackup.skippedNumbers]) }
            try queue.close()
            try SQLiteBackup.putInPlace(partial, as: folder.database)
        } catch {
            throw .sqlite(error, doing: "restoring \(path) into \(folder.path)")
        }
    }
}
