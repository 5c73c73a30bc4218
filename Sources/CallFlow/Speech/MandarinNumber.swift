/// Whole numbers as Mandarin speaks them, in fragments of the prompt catalog.
///
/// Four digits make a group (万, 亿); a gap between spoken digits is one 零; 十 loses its 一 at the very beginning;
/// two is 两 before 千, 万, 亿 at the beginning, and before a measure word where it stands alone; else it is 二.
enum MandarinNumber {
    /// The largest number that can be spoken: 9999 亿 and what follows.
    static let largest = 999_999_999_999

    /// - Parameter measured: a measure word follows (元, 点), so that a lone two is 两.
    static func fragments(_ value: Int, measured: Bool = false) -> [String] {
        // Callers have checked the range; beyond it nothing is said rather than something wrong.
        guard (0...largest).contains(value) else { return [] }
        if value == 0 { return [digit(0)] }
        if value == 2, measured { return ["num.liang"] }
        let groups = [
            (value / 100_000_000, "num.yi"), (value / 10_000 % 10_000, "num.wan"), (value % 10_000, ""),
        ]
        var result: [String] = []
        var gap = false
        for (group, unit) in groups {
            guard group > 0 else {
                gap = !result.isEmpty
                continue
            }
            let first = result.isEmpty
            if !first, gap || group < 1000 { result.append(digit(0)) }
            gap = false
            if first, group == 2, !unit.isEmpty {
                result.append("num.liang")
            } else {
                result += fragments(ofGroup: group, first: first)
            }
            if !unit.isEmpty { result.append(unit) }
        }
        return result
    }

    /// 1…9999 without its unit.
    /// - Parameter first: the number begins here.
    private static func fragments(ofGroup group: Int, first: Bool) -> [String] {
        var result: [String] = []
        var gap = false
        for (place, unit) in [(1000, "num.qian"), (100, "num.bai"), (10, "num.shi"), (1, "")] {
            let value = group / place % 10
            guard value > 0 else {
                gap = !result.isEmpty
                continue
            }
            if gap { result.append(digit(0)) }
            gap = false
            let begins = first && result.isEmpty
            switch (place, value) {
            case (10, 1) where begins: break
            case (1000, 2) where begins: result.append("num.liang")
            default: result.append(digit(value))
            }
            if !unit.isEmpty { result.append(unit) }
        }
        return result
    }

    /// A digit within a number: one is yī, not yāo.
    static func digit(_ value: Int) -> String { value == 1 ? "num.1" : "digit.\(value)" }
}
