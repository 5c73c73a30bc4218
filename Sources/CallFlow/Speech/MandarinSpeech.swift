/// Composes values from the fragments of the Mandarin prompt catalog.
public enum MandarinSpeech {
    /// The fragments that a spoken value can need; the prompt catalog must hold them all.
    public static let fragments: Set<String> = Set((0...9).map { "digit.\($0)" }).union(letters).union([
        "num.1", "num.liang", "num.shi", "num.bai", "num.qian", "num.wan", "num.yi", "num.fu", "unit.dian",
        "unit.yuan", "unit.jiao", "unit.fen", "unit.zheng", "unit.nian", "unit.yue", "unit.ri",
    ])

    /// The letters of work numbers and the like, read one by one.
    static let letters = "abcdefghijklmnopqrstuvwxyz".map { "letter.\($0)" }

    /// Values longer than this are not spoken.
    public static let longest = 40
    /// Between groups of digits.
    static let groupPause = SpeechItem.silence(milliseconds: 250)

    /// The fragments of a value; nil where the text is no value of this kind.
    public static func items(_ text: String, as kind: SpokenKind) -> [SpeechItem]? {
        guard (1...longest).contains(text.utf8.count) else { return nil }
        return switch kind {
        case .number: number(text)?.map(SpeechItem.prompt)
        case .count: number(text, measured: true)?.map(SpeechItem.prompt)
        case .digits: digits(text)
        case .phone: phone(text)
        case .money: money(text)?.map(SpeechItem.prompt)
        case .date: date(text)?.map(SpeechItem.prompt)
        case .time: time(text)?.map(SpeechItem.prompt)
        }
    }

    // MARK: - Quantities

    /// 12 → 十二; -3 → 负三; 2.05 → 二点零五 (decimals digit by digit, one as yī).
    /// - Parameter measured: a measure word follows, so that a lone two is 两.
    static func number(_ text: String, measured: Bool = false) -> [String]? {
        guard let decimal = Decimal(text, mostDecimals: 9) else { return nil }
        let isWhole = decimal.decimals.isEmpty
        var result = sign(decimal) + MandarinNumber.fragments(decimal.whole, measured: measured && isWhole)
        if !decimal.decimals.isEmpty {
            result.append("unit.dian")
            result += decimal.decimals.map(MandarinNumber.digit)
        }
        return result
    }

    /// 12.30 → 十二元三角; 12.05 → 十二元零五分; 0.05 → 五分; 2 → 两元. Only the first unit has 两.
    static func money(_ text: String) -> [String]? {
        guard let decimal = Decimal(text, mostDecimals: 2) else { return nil }
        let jiao = decimal.decimals.first ?? 0
        let fen = decimal.decimals.count > 1 ? decimal.decimals[1] : 0
        var result: [String] = []
        if decimal.whole > 0 || (jiao == 0 && fen == 0) {
            result += MandarinNumber.fragments(decimal.whole, measured: true) + ["unit.yuan"]
        }
        if jiao > 0 {
            result += MandarinNumber.fragments(jiao, measured: result.isEmpty) + ["unit.jiao"]
        }
        if fen > 0 {
            if jiao == 0, !result.isEmpty { result.append(MandarinNumber.digit(0)) }
            result += MandarinNumber.fragments(fen, measured: result.isEmpty) + ["unit.fen"]
        }
        return sign(decimal) + result
    }

    private static func sign(_ decimal: Decimal) -> [String] { decimal.isNegative ? ["num.fu"] : [] }

    // MARK: - Digit by digit

    /// Letters are read as they are called. Dashes and spaces are pauses; groups of more than five are spoken four by four.
    static func digits(_ text: String) -> [SpeechItem]? {
        var groups: [[String]] = [[]]
        for scalar in text.unicodeScalars {
            switch scalar {
            case "0"..."9": groups[groups.count - 1].append("digit.\(scalar)")
            case "a"..."z", "A"..."Z": groups[groups.count - 1].append("letter.\(scalar.properties.lowercaseMapping)")
            case "-", " ": groups.append([])
            default: return nil
            }
        }
        let parts = groups.filter { !$0.isEmpty }.flatMap { group in group.count > 5 ? split(group, by: 4) : [group] }
        return parts.isEmpty ? nil : spoken(parts)
    }

    /// 13800000000 → 3-4-4; 0577-86865598 and 8 digits → 4-4; +86 and what is no digit are left out; short numbers stay
    /// whole.
    static func phone(_ text: String) -> [SpeechItem]? {
        var written = Substring(text)
        if written.hasPrefix("+86") {
            written = written.dropFirst(3)
        } else if written.hasPrefix("+") {
            written = written.dropFirst()
        }
        var area: [Int] = []
        var rest: [Int] = []
        for scalar in written.unicodeScalars {
            switch scalar {
            case "0"..."9": rest.append(Int(scalar.value) - 48)
            case "-", " ":
                if area.isEmpty, rest.first == 0 {
                    area = rest
                    rest = []
                }
            default: return nil
            }
        }
        if area.isEmpty, rest.first == 0, rest.count > 9 {
            // Two digits after the 0 for 010 and 02x, else three (the national numbering plan).
            let count = rest[1] == 1 || rest[1] == 2 ? 3 : 4
            area = Array(rest.prefix(count))
            rest.removeFirst(count)
        }
        guard !rest.isEmpty else { return nil }
        let parts: [[Int]] =
            switch rest.count {
            case 11 where rest[0] == 1: [Array(rest[..<3]), Array(rest[3..<7]), Array(rest[7...])]
            case 7: [Array(rest[..<3]), Array(rest[3...])]
            case 6...: split(rest, by: 4)
            default: [rest]
            }
        return spoken(((area.isEmpty ? [] : [area]) + parts).map { $0.map { "digit.\($0)" } })
    }

    private static func split<Sign>(_ signs: [Sign], by size: Int) -> [[Sign]] {
        stride(from: 0, to: signs.count, by: size).map { Array(signs[$0..<min($0 + size, signs.count)]) }
    }

    private static func spoken(_ groups: [[String]]) -> [SpeechItem] {
        Array(groups.map { $0.map(SpeechItem.prompt) }.joined(separator: [groupPause]))
    }

    // MARK: - Date and time

    /// 2026-11-22 → 二零二六年十一月二十二日. A year's one is yī; 二月二日 has no 两.
    static func date(_ text: String) -> [String]? {
        let digits = text.utf8.filter { $0 != UInt8(ascii: "-") }
        guard digits.count == 8, digits.allSatisfy({ (48...57).contains($0) }),
            text.utf8.count == 8
                || (text.utf8.count == 10 && text.split(separator: "-").map(\.utf8.count) == [4, 2, 2])
        else { return nil }
        let values = digits.map { Int($0) - 48 }
        let month = values[4] * 10 + values[5]
        let day = values[6] * 10 + values[7]
        guard (1...12).contains(month), (1...31).contains(day) else { return nil }
        return values[..<4].map(MandarinNumber.digit) + ["unit.nian"] + MandarinNumber.fragments(month) + ["unit.yue"]
            + MandarinNumber.fragments(day) + ["unit.ri"]
    }

    /// 22:05 → 二十二点零五分; 2:00 → 两点整; 14:10 → 十四点十分.
    static func time(_ text: String) -> [String]? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count),
            parts.allSatisfy({ (1...4).contains($0.utf8.count) && $0.utf8.allSatisfy { (48...57).contains($0) } })
        else { return nil }
        let numbers = parts.compactMap { Int($0) }
        guard numbers.count == parts.count else { return nil }
        let hour = numbers.count == 1 ? numbers[0] / 60 : numbers[0]
        let minute = numbers.count == 1 ? numbers[0] % 60 : numbers[1]
        guard hour < 24, minute < 60 else { return nil }
        let spokenHour = MandarinNumber.fragments(hour, measured: true) + ["unit.dian"]
        if minute == 0 { return spokenHour + ["unit.zheng"] }
        let zero = minute < 10 ? [MandarinNumber.digit(0)] : []
        return spokenHour + zero + MandarinNumber.fragments(minute) + ["unit.fen"]
    }
}

/// A number in decimal digits, exactly as written.
struct Decimal {
    let isNegative: Bool
    let whole: Int
    /// Without zeros at the end.
    let decimals: [Int]

    /// Nil where it is no number, too large to be spoken, or with more decimals than wanted.
    init?(_ text: String, mostDecimals: Int) {
        let negative = text.hasPrefix("-")
        let parts = text.dropFirst(negative ? 1 : 0).split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count),
            parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }),
            let whole = Int(parts[0]), whole <= MandarinNumber.largest
        else { return nil }
        var decimals = parts.count == 2 ? parts[1].utf8.map { Int($0) - 48 } : []
        while decimals.last == 0 { decimals.removeLast() }
        guard decimals.count <= mostDecimals else { return nil }
        self.whole = whole
        self.decimals = decimals
        isNegative = negative && (whole > 0 || !decimals.isEmpty)
    }
}
