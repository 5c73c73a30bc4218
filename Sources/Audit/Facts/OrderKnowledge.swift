import WorkOrders

/// What judges of orders know beside the facts: data of the library that a document's rules rest on. What is not given is
/// not judged by.
public struct OrderKnowledge: Sendable, Hashable {
    /// Of the document that is audited; nil: it has none.
    public var routing: OrderRouting?
    /// The items of all taxonomies. Needed with `routing`, too: an order's item has a topic.
    public var vocabulary: OrderVocabulary?
    /// When callers are known again.
    public var repeats: RepeatRules?

    public init(routing: OrderRouting? = nil, vocabulary: OrderVocabulary? = nil, repeats: RepeatRules? = nil) {
        self.routing = routing
        self.vocabulary = vocabulary
        self.repeats = repeats
    }

    /// In which a caller is known again, in microseconds; without rules 30 days.
    var repeatWindow: Int64 { Int64(repeats?.window ?? 2_592_000_000) * 1000 }

    /// From so many orders of a caller on, the new one counted; without rules 2.
    var warnAt: Int { repeats?.warnAt ?? 2 }

    /// Whether some item is of a document's own list.
    func hasTaxonomy(_ id: String) -> Bool {
        vocabulary?.items.keys.contains { $0.hasPrefix(id + "/") } ?? false
    }
}
