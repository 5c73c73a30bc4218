import Documents
import Foundation
import Norms

/// The folder `norms`: profiles, catalogue and calendar, read from disk.
public struct NormFolder: Sendable {
    /// A profile with where it was read.
    public struct Read: Sendable {
        public let path: String
        public let profile: NormProfile
        /// What should be mended, though it stops nothing.
        public let warnings: [DocumentError]
    }

    /// What stands in the folder beside profiles.
    public static let calendarName = "calendar-cn.yaml"
    public static let itemsName = "items.yaml"
    static let others: Set<String> = [calendarName, itemsName, "retention.yaml"]

    public let path: String

    /// - Parameter path: the folder that holds the profiles.
    public init(path: String) { self.path = path }

    /// The paths of all profiles, sorted by name.
    /// - Throws: where the folder cannot be read.
    public func profilePaths() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path)
            .filter { $0.hasSuffix(".yaml") && !Self.others.contains($0) }.sorted().map { "\(path)/\($0)" }
    }

    /// Every profile, sorted by name.
    /// - Throws: `DocumentErrors` with everything wrong with the first file that is refused.
    public func profiles() throws -> [Read] { try profilePaths().map { try Self.profile(at: $0) } }

    /// One profile. Its id must be its file's name, by which it is asked for.
    public static func profile(at path: String) throws -> Read {
        let (profile, warnings) = try NormProfile.decode(try text(path, "Name a profile of norms"), file: path)
        let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
        guard profile.id == name else {
            throw DocumentErrors([
                DocumentError(
                    .badValue, file: path, line: 1, column: 1,
                    message: "the id is \"\(profile.id)\", the file's name \(name)",
                    advice: "Let both be the same: a profile is asked for by its id")
            ])
        }
        return Read(path: path, profile: profile, warnings: warnings)
    }

    /// The profile with an id.
    /// - Throws: `DocumentErrors` where it is refused; `NormFolderError` where there is none, with what there is.
    public func profile(_ id: String) throws -> NormProfile {
        let known = try profilePaths().map { URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent }
        guard known.contains(id) else {
            throw NormFolderError(
                description: "there is no profile \"\(id.prefix(60))\" in \(path). "
                    + Names.advice(for: id, in: known, otherwise: "There are: \(known.joined(separator: ", "))"))
        }
        return try Self.profile(at: "\(path)/\(id).yaml").profile
    }

    /// The calendar of working days.
    public func calendar() throws -> WorkingCalendar { try Self.calendar(at: "\(path)/\(Self.calendarName)") }

    public static func calendar(at path: String) throws -> WorkingCalendar {
        try WorkingCalendar.decode(try text(path, "Name a calendar of working days"), file: path)
    }

    /// The catalogue of demands.
    public func items() throws -> NormItems { try Self.items(at: "\(path)/\(Self.itemsName)") }

    public static func items(at path: String) throws -> NormItems {
        try NormItems.decode(try text(path, "Name a catalogue of items"), file: path)
    }

    static func text(_ path: String, _ advice: String) throws -> String {
        switch RosterSource.read(path) {
        case .text(let text, _): return text
        case .unreadable(let why):
            throw DocumentErrors([
                DocumentError(
                    .unreadable, file: path, line: 0, column: 0, message: why, advice: "\(advice) (docs/norms.md)")
            ])
        }
    }
}

/// What is not in the folder.
public struct NormFolderError: Error, Sendable, CustomStringConvertible {
    public let description: String
}
