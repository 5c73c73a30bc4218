import Calls
import Documents
import Evidence
import Foundation
import Lines

/// The agents' file, with the files that it names, as they are to be: changed in memory, checked, written at last.
struct RosterDraft {
    private let path: String
    private let isPublic: Bool
    private var edit: DocumentEdit
    /// As the file was when the draft began.
    private let original: String
    /// By the name that the agents' file gives them.
    private var texts: [String: String] = [:]
    /// Which of them hold secrets.
    private var secrets: Set<String> = []

    /// Reads the file.
    /// - Throws: `SwitchboardError` `.argument` where that cannot be done.
    init(_ path: String) throws(SwitchboardError) {
        self.path = path
        switch RosterSource.read(path) {
        case .text(let text, let isPublic):
            edit = DocumentEdit(text, file: path)
            original = text
            self.isPublic = isPublic
        case .unreadable(let why): throw SwitchboardError(.argument, "\(path): \(why)")
        }
    }

    static func folder(of path: String) -> String {
        // Where the file really lies: a link beside others of its kind is left in its place.
        URL(fileURLWithPath: path).resolvingSymlinksInPath().deletingLastPathComponent().path
    }

    /// Of the file as it was when the draft began, 64 hex digits.
    var version: String { SHA256Stream.hex(of: Array(original.utf8)) }

    // MARK: - Agents

    mutating func set(_ agent: AgentWish, _ made: AgentSecrets) throws(SwitchboardError) {
        let entry = try self.entry(of: agent.number.text, "number", in: "agents")
        guard agent.isNew || entry != nil else {
            throw SwitchboardError(.notFound, "there is no agent \(agent.number)")
        }
        guard !agent.isNew || entry == nil else {
            throw SwitchboardError(.refused, "the work number \(agent.number) is taken")
        }
        try declare(agent.department.isEmpty ? [] : [agent.department], in: "departments")
        try declare(agent.skills, in: "skills")
        var fields = [
            DocumentEdit.Field("name", .text(agent.name)),
            DocumentEdit.Field("role", agent.role == .agent ? nil : .plain(agent.role.rawValue)),
            DocumentEdit.Field("department", agent.department.isEmpty ? nil : .text(agent.department)),
            DocumentEdit.Field("skills", agent.skills.isEmpty ? nil : .list(agent.skills)),
        ]
        if let password = made.password { fields += try keep(password, "password", of: agent.number, entry) }
        if let pin = made.pin { fields += try keep(pin, "pin", of: agent.number, entry) }
        if agent.pin == .none { fields += [DocumentEdit.Field("pin", nil), DocumentEdit.Field("pin_file", nil)] }
        try editing { [fields] edit throws(DocumentError) in
            if agent.isNew {
                try edit.add([DocumentEdit.Field("number", .text(agent.number.text))] + fields, to: "agents")
            } else {
                try edit.set(fields, where: "number", is: agent.number.text, in: "agents")
            }
        }
    }

    mutating func remove(agent: WorkNumber) throws(SwitchboardError) {
        guard try entry(of: agent.text, "number", in: "agents") != nil else {
            throw SwitchboardError(.notFound, "there is no agent \(agent)")
        }
        try editing { edit throws(DocumentError) in try edit.remove(where: "number", is: agent.text, in: "agents") }
    }

    /// A secret goes into the file that the entry names already, or into one of the agent's own; never into one that another
    /// entry names, too.
    private mutating func keep(
        _ secret: Secret, _ key: String, of agent: WorkNumber, _ entry: Node?
    ) throws(SwitchboardError) -> [DocumentEdit.Field] {
        let taken = Set(
            (try root().value(of: "agents")?.items ?? [])
                .filter { $0.value(of: "number")?.text != agent.text }
                .flatMap { other in other.entries ?? [] }.filter { $0.key.hasSuffix("_file") }
                .compactMap { $0.value.text.map { Self.really(place(of: $0)) } })
        let present = entry?.value(of: "\(key)_file")?.text
        var named = present ?? "secrets/\(agent.text).\(key)"
        var further = 2
        while taken.contains(Self.really(place(of: named))) || (texts[named] != nil) {
            named = "secrets/\(agent.text)-\(further).\(key)"
            further += 1
        }
        texts[named] = secret.text + "\n"
        secrets.insert(named)
        return [DocumentEdit.Field(key, nil), DocumentEdit.Field("\(key)_file", .text(named))]
    }

    /// Where a path leads, however it is written.
    private static func really(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
    }

    /// Adds names that a list of the file does not have yet.
    private mutating func declare(_ names: [String], in list: String) throws(SwitchboardError) {
        let known = try root().value(of: list)?.items?.compactMap(\.text) ?? []
        let new = names.filter { !known.contains($0) }
        guard !new.isEmpty else { return }
        try editing { edit throws(DocumentError) in
            try edit.set([DocumentEdit.Field(list, .list(known + new))])
        }
    }

    // MARK: - Queues

    /// Keys of a queue that are lists.
    private static let lists: Set<String> = ["hours", "closed", "open", "duty", "announce"]

    func queue(_ name: String) throws(SwitchboardError) -> [String: String] {
        guard let entries = try entry(of: name, "name", in: "queues")?.entries else {
            throw SwitchboardError(.notFound, "there is no queue `\(name.prefix(40))` in the agents' file")
        }
        var fields: [String: String] = [:]
        for entry in entries {
            fields[entry.key] = (entry.value.items ?? [entry.value]).compactMap(\.text).joined(separator: "\n")
        }
        return fields
    }

    mutating func set(queue name: String, _ fields: [String: String]) throws(SwitchboardError) {
        let present = try queue(name)
        let changes = fields.sorted { $0.key < $1.key }.compactMap { key, text -> DocumentEdit.Field? in
            guard key != "name", present[key, default: ""] != text else { return nil }
            if text.isEmpty { return DocumentEdit.Field(key, nil) }
            guard Self.lists.contains(key) else { return DocumentEdit.Field(key, .plain(text)) }
            return DocumentEdit.Field(key, .list(text.split(whereSeparator: \.isNewline).map(String.init)))
        }
        guard !changes.isEmpty else { return }
        try editing { edit throws(DocumentError) in try edit.set(changes, where: "name", is: name, in: "queues") }
    }

    // MARK: - Key customers

    private static let customers = "key-customers.txt"

    mutating func set(customer text: String, remark: String, _ numbers: NumberRules) throws(SwitchboardError) {
        guard let number = RosterDecoder.customer(text, numbers) else {
            throw SwitchboardError(.argument, "`\(text.prefix(40))` is no telephone number")
        }
        let named: String
        if let present = try root().value(of: "key_customers_file")?.text {
            named = present
        } else {
            named = Self.customers
            guard !FileManager.default.fileExists(atPath: place(of: named)) else {
                throw SwitchboardError(
                    .refused,
                    "\(place(of: named)) is there, but `key_customers_file` does not name it: name it, or move it")
            }
            texts[named] = "# Key customers: a number a line, and whose it is behind #.\n"
            try editing { edit throws(DocumentError) in
                try edit.set([DocumentEdit.Field("key_customers_file", .text(named))])
            }
        }
        var lines = try self.lines(of: named)
        // One that is there has its line changed.
        // A remark is one line, whatever is in it: another would be another's number.
        let remark = String(remark.map { $0.isNewline ? " " : $0 })
        let line = remark.isEmpty ? number : "\(number)  # \(remark)"
        if let index = lines.firstIndex(where: { Self.number(in: $0, numbers) == number }) {
            lines[index] = line
        } else {
            lines.append(line)
        }
        texts[named] = lines.map { $0 + "\n" }.joined()
    }

    mutating func remove(customer text: String, _ numbers: NumberRules) throws(SwitchboardError) {
        guard let number = RosterDecoder.customer(text, numbers) else {
            throw SwitchboardError(.argument, "`\(text.prefix(40))` is no telephone number")
        }
        var isFound = false
        let root = try root()
        if let list = root.value(of: "key_customers") {
            let all = (list.items ?? [list]).compactMap(\.text)
            let left = all.filter { RosterDecoder.customer($0, numbers) != number }
            if left.count < all.count {
                isFound = true
                try editing { edit throws(DocumentError) in
                    try edit.set([DocumentEdit.Field("key_customers", left.isEmpty ? nil : .list(left))])
                }
            }
        }
        if let named = root.value(of: "key_customers_file")?.text {
            let lines = try self.lines(of: named)
            let left = lines.filter { Self.number(in: $0, numbers) != number }
            if left.count < lines.count {
                isFound = true
                texts[named] = left.map { $0 + "\n" }.joined()
            }
        }
        guard isFound else {
            throw SwitchboardError(.notFound, "no key customer has the number `\(number.prefix(40))`")
        }
    }

    /// As the decoder reads a line.
    private static func number(in line: String, _ numbers: NumberRules) -> String? {
        let written = line.prefix { $0 != "#" }.filter { !$0.isWhitespace }
        return written.isEmpty ? nil : RosterDecoder.customer(written, numbers)
    }

    private func lines(of named: String) throws(SwitchboardError) -> [String] {
        let text: String
        if let changed = texts[named] {
            text = changed
        } else {
            switch RosterSource.read(place(of: named)) {
            case .text(let read, _): text = read
            case .unreadable(let why): throw SwitchboardError(.argument, "\(named): \(why)")
            }
        }
        var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    // MARK: - Proof and disk

    /// What the file would be read as.
    /// - Throws: `SwitchboardError` `.argument` with everything wrong.
    func check(numbers: NumberRules) throws(SwitchboardError) -> RosterFile {
        do throws(DocumentErrors) {
            return try RosterFile(text: edit.text, path: path, isPublic: isPublic, numbers: numbers) { named in
                guard let text = texts[named] else { return RosterSource.read(place(of: named)) }
                // What is to be written is the service's alone, and has to be read again.
                return text.utf8.count <= RosterSource.largest
                    ? .text(text, isPublic: false)
                    : .unreadable("it would be larger than \(RosterSource.largest) bytes")
            }
        } catch {
            throw SwitchboardError(.argument, error.errors.map(Self.told).joined(separator: "; "))
        }
    }

    /// Writes what changed: all of it durable under other names first, then each put in its place, the agents' file last, so that
    /// it never names one that is not there.
    /// - Throws: `SwitchboardError` `.unavailable`; `.refused` where somebody changed the file meanwhile.
    func write() throws(SwitchboardError) {
        var drafts: [(draft: String, path: String)] = []
        do throws(SwitchboardError) {
            for (named, text) in texts.sorted(by: { $0.key < $1.key }) {
                let place = place(of: named)
                let folder = URL(fileURLWithPath: place).deletingLastPathComponent().path
                if !FileManager.default.fileExists(atPath: folder) {
                    guard mkdir(folder, 0o700) == 0 else { throw Self.failure(folder) }
                }
                drafts.append(try Self.draft(place, text, permissions: secrets.contains(named) ? 0o600 : nil))
            }
            if edit.text != original { drafts.append(try Self.draft(path, edit.text, permissions: nil)) }
            guard case .text(original, isPublic: _) = RosterSource.read(path) else {
                throw SwitchboardError(
                    .refused, "\(path) was changed meanwhile: nothing was written, look at it and try again")
            }
            for (draft, path) in drafts {
                guard rename(draft, path) == 0 else { throw Self.failure(path) }
            }
        } catch {
            // Those that are in their place already stay: the agents' file, which comes last, does not name the new ones yet.
            for (draft, _) in drafts { unlink(draft) }
            throw error
        }
        for folder in Set(drafts.map { URL(fileURLWithPath: $0.path).deletingLastPathComponent().path }) {
            let handle = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard handle >= 0 else { throw Self.failure(folder) }
            defer { close(handle) }
            guard fsync(handle) == 0 else { throw Self.failure(folder) }
        }
    }

    private func place(of named: String) -> String {
        named.hasPrefix("/") ? named : "\(URL(fileURLWithPath: path).deletingLastPathComponent().path)/\(named)"
    }

    /// Writes what is to take a file's place beside it, durable, under a name that nobody uses by hand.
    /// - Parameter permissions: nil: as they are, or 0640 for a new one.
    private static func draft(
        _ path: String, _ text: String, permissions: UInt32?
    ) throws(SwitchboardError) -> (draft: String, path: String) {
        let url = URL(fileURLWithPath: path).resolvingSymlinksInPath()
        let path = url.path
        var present = stat()
        let isThere = stat(path, &present) == 0
        let mode = permissions ?? (isThere ? present.st_mode & 0o777 : 0o640)
        let draft = url.deletingLastPathComponent().path + "/.\(url.lastPathComponent).hotline-draft"
        guard unlink(draft) == 0 || errno == ENOENT else { throw failure(draft) }
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard file >= 0 else { throw failure(draft) }
        defer { close(file) }
        do throws(SwitchboardError) {
            // Owner and group are kept where the service may give files away; else the group, where it is one of the service's.
            if isThere, permissions == nil, fchown(file, present.st_uid, present.st_gid) != 0 {
                _ = fchown(file, uid_t.max, present.st_gid)
            }
            guard fchmod(file, mode) == 0 else { throw failure(draft) }
            let bytes = Array(text.utf8)
            var done = 0
            while done < bytes.count {
                let count = Glibc.write(file, Array(bytes[done...]), bytes.count - done)
                guard count > 0 else { throw failure(draft) }
                done += count
            }
            guard fsync(file) == 0 else { throw failure(draft) }
        } catch {
            unlink(draft)
            throw error
        }
        return (draft, path)
    }

    private static func failure(_ path: String) -> SwitchboardError {
        SwitchboardError(.unavailable, "\(path) cannot be written: \(String(cString: strerror(errno)))")
    }

    // MARK: - Text

    private func root() throws(SwitchboardError) -> Node {
        do throws(DocumentError) {
            return try Document.parse(edit.text, file: path)
        } catch {
            throw SwitchboardError(.argument, Self.told(error))
        }
    }

    private func entry(of name: String, _ key: String, in list: String) throws(SwitchboardError) -> Node? {
        try root().value(of: list)?.items?.first { $0.value(of: key)?.text == name }
    }

    private mutating func editing(
        _ change: (inout DocumentEdit) throws(DocumentError) -> Void
    ) throws(SwitchboardError) {
        do throws(DocumentError) {
            try change(&edit)
        } catch {
            throw SwitchboardError(.argument, Self.told(error))
        }
    }

    /// What is wrong and what to do; the line only where the fault is in the file, not in what was asked for.
    private static func told(_ error: DocumentError) -> String {
        error.advice.isEmpty ? error.message : "\(error.message). \(error.advice)"
    }
}

extension Node {
    /// The value of a mapping's key; nil where it is missing, or this is no mapping.
    fileprivate func value(of key: String) -> Node? { entries?.first { $0.key == key }?.value }
}
