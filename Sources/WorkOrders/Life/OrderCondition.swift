/// What must be so for a step, a case, a clock or a route: every term, each of which names a key and the values that fit.
///
/// Keys: a field of the order; `state`; `category`; `profile.NAME`, an option of the policy; `clock.NAME`, `yes` while
/// that clock runs, otherwise `no`. What is not known has the value `unset`.
public struct OrderCondition: Sendable, Hashable {
    /// One key and the values of which one must be there.
    public struct Term: Sendable, Hashable {
        public var key: String
        public var values: [String]

        public init(_ key: String, _ values: [String]) {
            self.key = key
            self.values = values
        }
    }

    /// The value of a key of which nothing is known.
    public static let unset = "unset"
    public static let always = OrderCondition(terms: [])

    public var terms: [Term]

    public init(terms: [Term]) { self.terms = terms }

    /// - Parameter value: what a key's value is; nil: not known.
    public func holds(_ value: (String) -> String?) -> Bool {
        terms.allSatisfy { $0.values.contains(value($0.key) ?? Self.unset) }
    }
}
