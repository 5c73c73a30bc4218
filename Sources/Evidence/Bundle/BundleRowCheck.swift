import Crypto

/// The rows that the events make, in their order: one hash over all lines, and a mark for each, which points at the
/// first row that differs.
struct RowSum: Sendable {
    private(set) var marks: [BundleChains.Mark] = []
    private var hash = SHA256()

    /// Of all lines with their ends.
    var sum: [UInt8] { Array(hash.finalize()) }

    mutating func add(_ line: [UInt8], chain: Int, sequence: Int64) {
        hash.update(data: line)
        hash.update(data: [10])
        marks.append(
            BundleChains.Mark(sequence: sequence, chain: Int32(chain), locator: Self.locator(line)))
    }

    static func locator(_ line: [UInt8]) -> UInt32 {
        SHA256.hash(data: line).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }
}

/// Compares rows with those that the events make.
enum BundleRowCheck {
    static func take(
        _ line: [UInt8], _ kind: BundleRows, marks: RowSum?, names: [String], member: BundleChecker.Current
    ) throws(BundleFinding) {
        let marks = marks?.marks ?? []
        let index = Int(member.lines) - 1
        guard index < marks.count else {
            throw BundleFinding(
                .altered, member: kind.name, line: member.lines, "no event of the bundle makes this row",
                found: BundleChecker.quoted(String(decoding: line.prefix(200), as: UTF8.self)))
        }
        guard RowSum.locator(line) != marks[index].locator else { return }
        throw difference(line, kind, mark: marks[index], names: names, number: member.lines)
    }

    private static func difference(
        _ line: [UInt8], _ kind: BundleRows, mark: BundleChains.Mark, names: [String], number: Int64
    ) -> BundleFinding {
        var finding = BundleFinding(
            .altered, member: kind.name, line: number, chain: names[Int(mark.chain)], sequence: mark.sequence,
            "the row is not what its event says")
        let value: CanonicalValue
        do throws(EvidenceError) {
            value = try CanonicalValue(canonical: line)
        } catch {
            finding.message = "the row cannot be read: \(error.message)"
            return finding
        }
        guard let chain = value["chain"]?.textValue.flatMap({ names.firstIndex(of: $0) }),
            let sequence = value["seq"]?.integerValue
        else {
            finding.message = "the row names no event"
            return finding
        }
        if (chain, sequence) == (Int(mark.chain), mark.sequence) {
            finding.row = line
        } else {
            let isLater = (chain, sequence) > (Int(mark.chain), mark.sequence)
            finding.message = isLater ? "a row is missing" : "a row stands here that does not belong here"
            finding.expected = "the row of event \(mark.sequence)"
            finding.found = "the row of event \(sequence)"
        }
        return finding
    }

    /// - Returns: how many rows there are.
    static func finish(
        _ kind: BundleRows, marks: RowSum?, member: BundleChecker.Current
    ) throws(BundleFinding) -> Int64 {
        let expected = marks ?? RowSum()
        if member.lines < expected.marks.count {
            let mark = expected.marks[Int(member.lines)]
            throw BundleFinding(
                .altered, member: kind.name, line: member.lines + 1, "the rows end early",
                expected: "the row of event \(mark.sequence)", found: "no further row")
        }
        guard Array(member.hash.finalize()) == expected.sum else {
            throw BundleFinding(
                .altered, member: kind.name, "the rows are not those that the events make",
                expected: "SHA-256 \(Hexadecimal.text(expected.sum))",
                found: "SHA-256 \(Hexadecimal.text(member.hash.finalize()))")
        }
        return member.lines
    }
}

extension CanonicalValue {
    /// The first place, in the order of keys, where another value differs.
    /// - Returns: the path (`data.caller`; empty for the whole), what stands here and what stands there; nil where both
    ///   are the same. What one of them lacks is null.
    package func firstDifference(_ other: CanonicalValue) -> (
        path: String, here: CanonicalValue, there: CanonicalValue
    )? {
        guard self != other else { return nil }
        switch (self, other) {
        case (.object(let here), .object(let there)):
            let keys = Set(here.keys).union(there.keys).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            for key in keys {
                let (one, two) = (here[key] ?? .null, there[key] ?? .null)
                guard let (path, first, second) = one.firstDifference(two) else { continue }
                return (path.isEmpty ? key : "\(key).\(path)", first, second)
            }
        case (.list(let here), .list(let there)):
            for index in 0..<max(here.count, there.count) {
                let one = index < here.count ? here[index] : .null
                let two = index < there.count ? there[index] : .null
                guard let (path, first, second) = one.firstDifference(two) else { continue }
                return (path.isEmpty ? "\(index)" : "\(index).\(path)", first, second)
            }
        default: break
        }
        return ("", self, other)
    }
}
