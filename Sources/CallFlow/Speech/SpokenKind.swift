/// How a value is spoken.
public enum SpokenKind: String, Sendable, CaseIterable {
    /// `12`, `-3`, `2.5`: as a quantity.
    case number
    /// `2`: a quantity before a measure word, so that a lone two is 两.
    case count
    /// `20261122-0007`, `A12`: one digit or letter after the other, one as yāo, with a pause at each dash and between groups.
    case digits
    /// A telephone number, grouped as people say it.
    case phone
    /// `12.30`: 元, 角, 分; at most two decimals.
    case money
    /// `20261122` or `2026-11-22`.
    case date
    /// `22:05`, or minutes since midnight.
    case time
}
