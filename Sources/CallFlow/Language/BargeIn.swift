import Documents

/// Which keys cut a prompt short.
enum BargeIn: Sendable, Hashable {
    case none
    case all
    /// These, and the flow's global keys.
    case keys(String)

    /// The keys of a telephone that reach a flow.
    static let telephone = "0123456789*#"

    /// The keys that cut short, as the media thread is told.
    func keys(global: some Sequence<Character>) -> String {
        switch self {
        case .none: ""
        case .all: Self.telephone
        case .keys(let keys): keys + String(global.filter { !keys.contains($0) }.sorted())
        }
    }

    static func decode(_ reader: MappingReader, default value: BargeIn) -> BargeIn {
        guard let node = reader.optionalNode("barge_in") else { return value }
        switch node.kind {
        case .scalar("true", quoted: false): return .all
        case .scalar("false", quoted: false): return .none
        case .scalar(let keys, quoted: true) where !keys.isEmpty && keys.allSatisfy({ Self.telephone.contains($0) }):
            return .keys(keys)
        default:
            reader.complain(
                about: "barge_in", "barge_in in \(reader.place) must be true, false or keys in quotes",
                advice: "Write `barge_in: true` or `barge_in: \"9*\"`")
            return value
        }
    }
}
