/// A dictionary that never holds more than its limit and forgets what was not touched for long: two generations, the
/// older one dropped when the younger is full. Every operation costs a constant, also under a flood of new keys.
package struct BoundedTable<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]
    private let half: Int

    /// - Parameter limit: entries kept at most; at least the younger half of them are the ones touched last.
    package init(limit: Int) { half = max(1, limit / 2) }

    package var count: Int { young.count + old.count }

    /// Reading counts as touching where something is there.
    package subscript(key: Key) -> Value? {
        mutating get {
            if let value = young[key] { return value }
            guard let value = old.removeValue(forKey: key) else { return nil }
            store(value, key)
            return value
        }
        set {
            old[key] = nil
            guard let newValue else {
                young[key] = nil
                return
            }
            store(newValue, key)
        }
    }

    private mutating func store(_ value: Value, _ key: Key) {
        if young.count >= half, young[key] == nil {
            old = young
            young = [:]
        }
        young[key] = value
    }
}
