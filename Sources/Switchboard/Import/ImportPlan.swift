import Recordings

/// Which file belongs to which record. Pure: a record's name is looked for among the files that are there, and never
/// opened.
package struct ImportPlan: Sendable {
    package struct Item: Sendable, Hashable {
        package var record: CallRecord
        /// Below the folder.
        package var file: String

        package init(record: CallRecord, file: String) {
            self.record = record
            self.file = file
        }
    }

    /// In the order of the records.
    package private(set) var items: [Item] = []
    package private(set) var refused: [ImportRefusal]
    package let records: Int
    package let files: Int
    package let passedOver: Int

    package init(_ records: CallRecordFile, _ listing: ImportFolder.Listing, _ mapping: CallRecordMapping) {
        self.records = records.records.count + records.refused.count
        files = listing.files.count
        passedOver = records.passedOver
        refused = records.refused + listing.refused.map { ImportRefusal(.folder, file: $0.path, $0.reason) }
        let index = Index(listing, match: mapping.match)
        var lines: [String: Int] = [:]
        for record in records.records {
            switch index.find(record.name, strip: mapping.strip) {
            case .failure(let refusal):
                refused.append(ImportRefusal(refusal.reason, line: record.line, refusal.message))
            case .success(let file):
                if let line = lines[file] {
                    refused.append(
                        ImportRefusal(.duplicate, file: file, line: record.line, "the file belongs to line \(line)"))
                } else {
                    lines[file] = record.line
                    items.append(Item(record: record, file: file))
                }
            }
        }
        for file in listing.files where lines[file] == nil {
            refused.append(ImportRefusal(.noRecord, file: file, "no record names it"))
        }
    }

    private struct Miss: Error {
        var reason: ImportRefusal.Reason
        var message: String

        init(_ reason: ImportRefusal.Reason, _ message: String) {
            self.reason = reason
            self.message = message
        }
    }

    private struct Index {
        private let match: CallRecordMapping.Match
        private var paths: Set<String> = []
        /// By the last part of the path; by it, and by the whole path, without the ending; by parts of the name.
        private var names: [String: [String]] = [:]
        private var stems: [String: [String]] = [:]
        private var parts: [String: [String]] = [:]
        private var refused: [String: String] = [:]

        init(_ listing: ImportFolder.Listing, match: CallRecordMapping.Match) {
            self.match = match
            paths = Set(listing.files)
            for file in listing.files {
                let name = Self.name(file)
                let stem = Self.stem(name)
                switch match {
                case .name:
                    names[name, default: []].append(file)
                    stems[stem, default: []].append(file)
                    if file != name { stems[Self.stem(file), default: []].append(file) }
                case .part:
                    let pieces = Set(stem.split { "-_ ".contains($0) }.map(String.init)).union([stem])
                    for piece in pieces { parts[piece, default: []].append(file) }
                }
            }
            for one in listing.refused { refused[Self.name(one.path)] = one.reason }
        }

        func find(_ written: String, strip: String?) -> Result<String, Miss> {
            let shown = "\"\(written.prefix(100))\""
            guard !written.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
                return .failure(Miss(.name, "the recording's name holds control characters"))
            }
            guard !written.contains("\\") else {
                return .failure(Miss(.name, "\(shown) has a backslash: names are parted by slashes"))
            }
            var name = written
            if name.hasPrefix("/") {
                guard let strip, name.hasPrefix(strip == "/" ? "/" : strip + "/") else {
                    return .failure(
                        Miss(.name, "\(shown) is a path of the other machine: say with `strip` what to take off"))
                }
                name = String(name.dropFirst(strip == "/" ? 1 : strip.count + 1))
            }
            let steps = name.split(separator: "/", omittingEmptySubsequences: false)
            guard !steps.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }) else {
                return .failure(Miss(.name, "\(shown) leads out of the folder, or nowhere"))
            }
            if paths.contains(name) { return .success(name) }
            let candidates =
                match == .part ? parts[Self.stem(name)] ?? [] : names[name] ?? stems[Self.stem(name)] ?? []
            switch candidates.count {
            case 1: return .success(candidates[0])
            case 0:
                if let reason = refused[Self.name(name)] {
                    return .failure(Miss(.noFile, "\(shown) is not taken: \(reason)"))
                }
                return .failure(Miss(.noFile, "there is no file \(shown) in the folder"))
            default:
                let some = candidates.prefix(3).joined(separator: ", ")
                return .failure(Miss(.ambiguous, "\(shown) may be any of \(candidates.count) files: \(some)"))
            }
        }

        private static func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

        /// Without an ending of audio; other dots belong to the name.
        private static func stem(_ path: String) -> String {
            let ending = ImportFolder.ending(path)
            return ImportFolder.endings.contains(ending) ? String(path.dropLast(ending.count + 1)) : path
        }
    }
}
