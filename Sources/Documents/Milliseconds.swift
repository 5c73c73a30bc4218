/// Durations as people write them in data files.
public enum Milliseconds {
    /// Reads `500ms`, `2s`, `1.5s`, `1m`, `2h`; nil for anything else, also for a bare number.
    public static func parse(_ text: String) -> Int? {
        let units: [(suffix: String, factor: Int)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)]
        guard let unit = units.first(where: { text.hasSuffix($0.suffix) }) else { return nil }
        let parts = text.dropLast(unit.suffix.count).split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ isDigits($0) }), let whole = Int(parts[0]) else {
            return nil
        }
        var result = whole.multipliedReportingOverflow(by: unit.factor)
        guard !result.overflow else { return nil }
        if parts.count == 2 {
            // Three decimals at most, and only such as make whole milliseconds.
            guard parts[1].utf8.count <= 3, let decimals = Int(parts[1]) else { return nil }
            let scale = [1, 10, 100, 1000][parts[1].utf8.count]
            guard (decimals * unit.factor).isMultiple(of: scale) else { return nil }
            result = result.partialValue.addingReportingOverflow(decimals * unit.factor / scale)
            guard !result.overflow else { return nil }
        }
        return result.partialValue
    }

    /// The shortest way to write so many milliseconds.
    public static func text(_ milliseconds: Int) -> String {
        if milliseconds != 0, milliseconds.isMultiple(of: 3_600_000) { return "\(milliseconds / 3_600_000)h" }
        if milliseconds != 0, milliseconds.isMultiple(of: 60_000) { return "\(milliseconds / 60_000)m" }
        if milliseconds.isMultiple(of: 1000) { return "\(milliseconds / 1000)s" }
        return "\(milliseconds)ms"
    }

    private static func isDigits(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (48...57).contains($0) }
    }
}
