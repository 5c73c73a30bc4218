import Foundation
import Storage

/// A ticket store that is reached through files (docs/tickets.md): `out/NUMBER.json` is what we tell, `in/*.json` what it tells
/// of an order. Files are whole when they have their names; what was read moves to `done/`, what cannot be placed to `bad/` with the
/// reason beside it.
public struct FolderTicketStore: TicketStore {
    public let name: String
    private let folder: URL
    /// The largest file that is read, bytes; so many at once.
    private static let mostBytes = 64 * 1024
    private static let mostFiles = 500

    public var answers: Bool { false }

    public init(name: String, folder: String) {
        self.name = name
        self.folder = URL(fileURLWithPath: folder, isDirectory: true)
    }

    private struct Word: Decodable {
        var number: String
        var reference: String
        var status: String?
        var changedAt: UTCTime?

        enum CodingKeys: String, CodingKey {
            case number, reference, status
            case changedAt = "changed_at"
        }
    }

    public func create(_ ticket: Ticket) async throws(SwitchboardError) -> TicketState? {
        do {
            let out = try made("out")
            let file = out.appendingPathComponent("\(ticket.number).json")
            // Told before, and not answered yet.
            if FileManager.default.fileExists(atPath: file.path) { return nil }
            try QueryJSON.encode(ticket).write(to: file, options: .atomic)
        } catch {
            throw SwitchboardError(.tickets, "\(folder.path)/out cannot be written: \(error.localizedDescription)")
        }
        return nil
    }

    public func state(_ reference: String) async throws(SwitchboardError) -> TicketState? { nil }

    public func told() async throws(SwitchboardError) -> [Told] {
        let files: [URL]
        do {
            let inbox = try made("in")
            files = try FileManager.default.contentsOfDirectory(
                at: inbox, includingPropertiesForKeys: [.contentModificationDateKey, .fileSizeKey, .isRegularFileKey]
            ).filter { $0.pathExtension == "json" }.sorted { $0.lastPathComponent < $1.lastPathComponent }
        } catch {
            throw SwitchboardError(.tickets, "\(folder.path)/in cannot be read: \(error.localizedDescription)")
        }
        var told: [Told] = []
        for file in files.prefix(Self.mostFiles) {
            let name = file.lastPathComponent
            do {
                let values = try file.resourceValues(forKeys: [.fileSizeKey, .isRegularFileKey])
                guard values.isRegularFile == true, let size = values.fileSize, size <= Self.mostBytes else {
                    try await reject(name, "no file of at most \(Self.mostBytes) bytes")
                    continue
                }
                let word = try JSONDecoder().decode(Word.self, from: try Data(contentsOf: file))
                let state = TicketState(reference: word.reference, status: word.status, changedAt: word.changedAt)
                told.append(Told(number: word.number, state: try state.checked(), source: name))
            } catch let error as SwitchboardError {
                try await reject(name, error.message)
            } catch {
                try await reject(name, "not {\"number\": …, \"reference\": …, \"status\": …, \"changed_at\": …}")
            }
        }
        return told
    }

    public func confirm(_ told: Told, problem: String?) async throws(SwitchboardError) {
        if let problem { return try await reject(told.source, problem) }
        try move(told.source, to: "done")
        // Answered: nothing waits for it any more.
        let out = folder.appendingPathComponent("out/\(told.number).json")
        // It may never have been told from here.
        if FileManager.default.fileExists(atPath: out.path) {
            do {
                try FileManager.default.removeItem(at: out)
            } catch {
                throw SwitchboardError(.tickets, "\(out.path) cannot be removed: \(error.localizedDescription)")
            }
        }
    }

    private func reject(_ name: String, _ problem: String) async throws(SwitchboardError) {
        try move(name, to: "bad")
        do {
            try Data((problem + "\n").utf8).write(
                to: folder.appendingPathComponent("bad/\(name).txt"), options: .atomic)
        } catch {
            throw SwitchboardError(.tickets, "\(folder.path)/bad cannot be written: \(error.localizedDescription)")
        }
    }

    private func move(_ name: String, to place: String) throws(SwitchboardError) {
        do {
            let target = try made(place).appendingPathComponent(name)
            // An older one of the same name gives way: the journal has what it said.
            if FileManager.default.fileExists(atPath: target.path) { try FileManager.default.removeItem(at: target) }
            try FileManager.default.moveItem(at: folder.appendingPathComponent("in/\(name)"), to: target)
        } catch {
            throw SwitchboardError(.tickets, "\(name) cannot be moved to \(place): \(error.localizedDescription)")
        }
    }

    private func made(_ place: String) throws -> URL {
        let url = folder.appendingPathComponent(place, isDirectory: true)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url
    }
}
