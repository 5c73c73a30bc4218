/// A value of a report as JSON knows it. Reports are trees of many small tables: they are put together as values, not as a type
/// for each.
public indirect enum AuditValue: Sendable, Hashable, Encodable {
    case text(String)
    case integer(Int64)
    /// Finite.
    case decimal(Double)
    case list([AuditValue])
    case object([String: AuditValue])
    case null

    static func text(_ text: String?) -> AuditValue { text.map { .text($0) } ?? .null }
    static func integer(_ value: Int64?) -> AuditValue { value.map { .integer($0) } ?? .null }
    static func integer(_ value: Int) -> AuditValue { .integer(Int64(value)) }

    /// `{numerator, denominator, share}`; the share is null where there is nothing to judge.
    static func share(_ formula: String, _ numerator: Int64, of denominator: Int64) -> AuditValue {
        .object([
            "formula": .text(formula), "numerator": .integer(numerator), "denominator": .integer(denominator),
            "share": denominator > 0 ? .decimal(Double(numerator) / Double(denominator)) : .null,
        ])
    }

    static func spread(_ spread: AuditSpread) -> AuditValue {
        .object([
            "count": .integer(spread.count), "mean_ms": .integer(spread.mean), "max_ms": .integer(spread.max),
            "p50_ms": .integer(spread.p50), "p90_ms": .integer(spread.p90), "p95_ms": .integer(spread.p95),
            "p99_ms": .integer(spread.p99),
        ])
    }

    static func counts(_ counts: [String: Int]) -> AuditValue { .object(counts.mapValues { .integer($0) }) }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .integer(let value): try container.encode(value)
        case .decimal(let value): try container.encode(value)
        case .list(let values): try container.encode(values)
        case .object(let values): try container.encode(values)
        case .null: try container.encodeNil()
        }
    }
}
