/// Turns any `Encodable` value into its canonical form. Fractions are refused: a hash must not depend on how a
/// machine prints a floating-point number.
public enum CanonicalEncoder {
    /// - Throws: `EvidenceError` with code `.notCanonical`, naming the path of the field.
    public static func encode(_ value: some Encodable) throws(EvidenceError) -> CanonicalValue {
        let node = Node()
        do {
            try value.encode(to: TreeEncoder(node: node, codingPath: []))
        } catch let error as EvidenceError {
            throw error
        } catch {
            throw EvidenceError(.notCanonical, "the value cannot be encoded: \(error)")
        }
        return node.value
    }
}

/// A place in the tree that is being built; containers share it, as `Encoder` asks.
private final class Node {
    private enum Content {
        case value(CanonicalValue)
        case list([Node])
        case object([(String, Node)])
    }
    private var content = Content.value(.null)

    func set(_ value: CanonicalValue) { content = .value(value) }

    func beginList() { if case .list = content {} else { content = .list([]) } }

    func beginObject() { if case .object = content {} else { content = .object([]) } }

    var count: Int { if case .list(let nodes) = content { nodes.count } else { 0 } }

    func append() -> Node {
        let node = Node()
        if case .list(var nodes) = content {
            content = .value(.null)
            nodes.append(node)
            content = .list(nodes)
        }
        return node
    }

    func field(_ key: String) -> Node {
        let node = Node()
        if case .object(var fields) = content {
            content = .value(.null)
            fields.append((key, node))
            content = .object(fields)
        }
        return node
    }

    var value: CanonicalValue {
        switch content {
        case .value(let value): value
        case .list(let nodes): .list(nodes.map(\.value))
        case .object(let fields): .object(Dictionary(fields.map { ($0.0, $0.1.value) }) { _, last in last })
        }
    }
}

private struct TreeEncoder: Encoder {
    let node: Node
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        node.beginObject()
        return KeyedEncodingContainer(Fields<Key>(node: node, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        node.beginList()
        return Elements(node: node, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { Single(node: node, codingPath: codingPath) }
}

/// Writes one value to a place; shared by the three containers.
private func put(_ value: some Encodable, to node: Node, path: [any CodingKey]) throws {
    switch value {
    case let value as String: node.set(.text(value))
    case let value as Bool: node.set(.bool(value))
    case let value as any BinaryInteger:
        guard let integer = Int64(exactly: value) else { throw refusal("an integer beyond 64 bits", path) }
        node.set(.integer(integer))
    case is Double, is Float: throw refusal("a fraction", path)
    default: try value.encode(to: TreeEncoder(node: node, codingPath: path))
    }
}

private func refusal(_ what: String, _ path: [any CodingKey]) -> EvidenceError {
    let name = path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    return EvidenceError(.notCanonical, "'\(name)' holds \(what), which has no canonical form")
}

private struct Single: SingleValueEncodingContainer {
    let node: Node
    let codingPath: [any CodingKey]

    mutating func encodeNil() throws { node.set(.null) }
    mutating func encode(_ value: some Encodable) throws { try put(value, to: node, path: codingPath) }
}

private struct Fields<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let node: Node
    let codingPath: [any CodingKey]

    mutating func encodeNil(forKey key: Key) throws { node.field(key.stringValue).set(.null) }

    mutating func encode(_ value: some Encodable, forKey key: Key) throws {
        try put(value, to: node.field(key.stringValue), path: codingPath + [key])
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy keyType: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        TreeEncoder(node: node.field(key.stringValue), codingPath: codingPath + [key]).container(keyedBy: keyType)
    }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        TreeEncoder(node: node.field(key.stringValue), codingPath: codingPath + [key]).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder {
        TreeEncoder(node: node.field("super"), codingPath: codingPath)
    }

    mutating func superEncoder(forKey key: Key) -> any Encoder {
        TreeEncoder(node: node.field(key.stringValue), codingPath: codingPath + [key])
    }
}

private struct Elements: UnkeyedEncodingContainer {
    let node: Node
    let codingPath: [any CodingKey]
    var count: Int { node.count }

    private var next: [any CodingKey] { codingPath + [Index(intValue: node.count)] }

    mutating func encodeNil() throws { node.append().set(.null) }

    mutating func encode(_ value: some Encodable) throws {
        let path = next
        try put(value, to: node.append(), path: path)
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy keyType: Nested.Type
    ) -> KeyedEncodingContainer<Nested> {
        let path = next
        return TreeEncoder(node: node.append(), codingPath: path).container(keyedBy: keyType)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        let path = next
        return TreeEncoder(node: node.append(), codingPath: path).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder {
        let path = next
        return TreeEncoder(node: node.append(), codingPath: path)
    }

    private struct Index: CodingKey {
        let intValue: Int?
        var stringValue: String { intValue.map(String.init) ?? "" }
        init(intValue: Int) { self.intValue = intValue }
        init?(stringValue: String) { nil }
    }
}
