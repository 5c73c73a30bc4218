import GRDB

/// Every schema from the empty file to today's, in order. A released migration is never changed; a new one is added
/// in a file of its own and tested from the empty database and from the one before.
enum Migrations {
    static let all: [(name: String, sql: String)] = [
        (Migration0001.name, Migration0001.sql),
        (Migration0002.name, Migration0002.sql),
        (Migration0003.name, Migration0003.sql),
        (Migration0004.name, Migration0004.sql),
        (Migration0005.name, Migration0005.sql),
        (Migration0006.name, Migration0006.sql),
        (Migration0007.name, Migration0007.sql),
        (Migration0008.name, Migration0008.sql),
        (Migration0009.name, Migration0009.sql),
        (Migration0010.name, Migration0010.sql),
        (Migration0011.name, Migration0011.sql),
        (Migration0012.name, Migration0012.sql),
        (Migration0013.name, Migration0013.sql),
        (Migration0014.name, Migration0014.sql),
        (Migration0015.name, Migration0015.sql),
        (Migration0016.name, Migration0016.sql),
        (Migration0017.name, Migration0017.sql),
        (Migration0018.name, Migration0018.sql),
        (Migration0019.name, Migration0019.sql),
    ]

    /// They change indexes and columns that refer to nothing: looking through every row of every table for references that
    /// lead nowhere, as after the others, would only keep callers of a large store waiting.
    private static let touchingNoReference: Set<String> = [Migration0018.name, Migration0019.name]

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for migration in all {
            let checks: DatabaseMigrator.ForeignKeyChecks =
                touchingNoReference.contains(migration.name) ? .immediate : .deferred
            migrator.registerMigration(migration.name, foreignKeyChecks: checks) { db in
                try db.execute(sql: migration.sql)
            }
        }
        return migrator
    }

    /// Compares a database with today's schema.
    /// - Throws: `StorageError` with code `.version`.
    static func check(_ db: Database, file: String) throws {
        if try migrator.hasBeenSuperseded(db) {
            throw StorageError(
                .version, "\(file) was written by a newer version of this program: use that version, or a backup")
        }
        guard try migrator.hasCompletedMigrations(db) else {
            throw StorageError(
                .version,
                "\(file) has an older schema: start the server once with this version, which brings it up to date")
        }
    }
}
