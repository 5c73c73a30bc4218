/// Turns any `Encodable` value into its canonical bytes, those of `CanonicalValue`. Fractions are refused: a hash must
/// not depend on how a machine prints a floating-point number.
public enum CanonicalEncoder {
    /// - Throws: `EvidenceError` with code `.notCanonical`, naming the path of the field.
    public static func encode(_ value: some Encodable) throws(EvidenceError) -> [UInt8] {
        let root = Node(.list, in: nil)
        let place = Place(node: root, index: root.append())
        do {
            try value.encode(to: place)
        } catch let error as EvidenceError {
            throw error
        } catch {
            throw EvidenceError(.notCanonical, "the value cannot be encoded: \(error)")
        }
        var output: [UInt8] = []
        root.write(root.fields[place.index], to: &output)
        return output
    }
}

/// A list or an object that is being made; containers share it, as `Encoder` asks. Simple values are spelled out as they
/// come, into one buffer for all of them, and put in order at the end.
private final class Node {
    enum Kind { case list, object }

    struct Field {
        /// Empty in a list.
        var key: String
        /// Where in `spelled` the value stands; empty for null and for what is a node of its own.
        var bytes = 0..<0
        var child: Node?
    }

    let kind: Kind
    private(set) var fields: [Field] = []
    private var spelled: [UInt8] = []
    /// Whose field this is. It lives as long as the encoding; nobody keeps a container for longer.
    private unowned let parent: Node?
    private let index: Int

    init(_ kind: Kind, in place: Place?) {
        self.kind = kind
        parent = place?.node
        index = place?.index ?? 0
    }

    /// A field more, null until something is put there.
    func append(_ key: String = "") -> Int {
        fields.append(Field(key: key))
        return fields.count - 1
    }

    /// What is put somewhere last is what stands there.
    func put(at index: Int, _ spell: (inout [UInt8]) -> Void) {
        let start = spelled.count
        spell(&spelled)
        fields[index].bytes = start..<spelled.count
        fields[index].child = nil
    }

    func putNull(at index: Int) { put(at: index) { _ in } }

    func child(_ kind: Kind, at index: Int) -> Node {
        if let child = fields[index].child, child.kind == kind { return child }
        let child = Node(kind, in: Place(node: self, index: index))
        fields[index].child = child
        return child
    }

    /// The names and places that lead here.
    var path: [any CodingKey] { parent?.path(to: index) ?? [] }

    /// … and to a field.
    func path(to index: Int) -> [any CodingKey] {
        // The root is a list of one for us alone.
        guard parent != nil else { return [] }
        return path + [kind == .list ? Key(index) : Key(fields[index].key)]
    }

    func write(_ field: Field, to output: inout [UInt8]) {
        if let child = field.child {
            child.write(to: &output)
        } else if field.bytes.isEmpty {
            CanonicalText.writeNull(to: &output)
        } else {
            output.append(contentsOf: spelled[field.bytes])
        }
    }

    private func write(to output: inout [UInt8]) {
        switch kind {
        case .list: CanonicalText.writeList(fields, to: &output) { write($0, to: &$1) }
        case .object: CanonicalText.writeObject(ordered, key: \.key, to: &output) { write($0, to: &$1) }
        }
    }

    /// In the order of their keys, and of each key what was put there last; the sort is a stable one.
    private var ordered: [Field] {
        var result: [Field] = []
        for field in fields.sorted(by: { CanonicalText.precedes($0.key, $1.key) }) {
            if let last = result.last, !CanonicalText.precedes(last.key, field.key) { result.removeLast() }
            result.append(field)
        }
        return result
    }
}

private struct Key: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(_ index: Int) { (stringValue, intValue) = (String(index), index) }
    init(_ name: String) { (stringValue, intValue) = (name, nil) }
    init?(intValue: Int) { self.init(intValue) }
    init?(stringValue: String) { self.init(stringValue) }
}

/// Where a value goes: a field of a list or of an object.
private struct Place: Encoder, SingleValueEncodingContainer {
    let node: Node
    let index: Int

    var codingPath: [any CodingKey] { node.path(to: index) }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(Fields<Key>(node: node.child(.object, at: index)))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer { Elements(node: node.child(.list, at: index)) }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }

    func put(_ value: Int64) { node.put(at: index) { CanonicalText.write(value, to: &$0) } }

    func put(_ value: UInt64) throws {
        guard let integer = Int64(exactly: value) else { throw refusal("an integer beyond 64 bits") }
        put(integer)
    }

    func refusal(_ what: String) -> EvidenceError {
        let name = codingPath.map(\.stringValue).joined(separator: ".")
        return EvidenceError(.notCanonical, "'\(name)' holds \(what), which has no canonical form")
    }

    func encodeNil() throws { node.putNull(at: index) }
    func encode(_ value: Bool) throws { node.put(at: index) { CanonicalText.write(value, to: &$0) } }
    func encode(_ value: String) throws { node.put(at: index) { CanonicalText.write(value, to: &$0) } }
    func encode(_ value: Double) throws { throw refusal("a fraction") }
    func encode(_ value: Float) throws { throw refusal("a fraction") }
    func encode(_ value: Int) throws { put(Int64(value)) }
    func encode(_ value: Int8) throws { put(Int64(value)) }
    func encode(_ value: Int16) throws { put(Int64(value)) }
    func encode(_ value: Int32) throws { put(Int64(value)) }
    func encode(_ value: Int64) throws { put(value) }
    func encode(_ value: UInt) throws { try put(UInt64(value)) }
    func encode(_ value: UInt8) throws { put(Int64(value)) }
    func encode(_ value: UInt16) throws { put(Int64(value)) }
    func encode(_ value: UInt32) throws { put(Int64(value)) }
    func encode(_ value: UInt64) throws { try put(value) }
    func encode(_ value: some Encodable) throws { try value.encode(to: self) }
}

private struct Fields<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let node: Node
    var codingPath: [any CodingKey] { node.path }

    private func place(_ key: Key) -> Place { Place(node: node, index: node.append(key.stringValue)) }

    func encodeNil(forKey key: Key) throws { try place(key).encodeNil() }
    func encode(_ value: Bool, forKey key: Key) throws { try place(key).encode(value) }
    func encode(_ value: String, forKey key: Key) throws { try place(key).encode(value) }
    func encode(_ value: Int, forKey key: Key) throws { try place(key).encode(value) }
    func encode(_ value: Int64, forKey key: Key) throws { try place(key).encode(value) }
    func encode(_ value: some Encodable, forKey key: Key) throws { try value.encode(to: place(key)) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy keyType: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> { place(key).container(keyedBy: keyType) }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { place(key).unkeyedContainer() }

    func superEncoder() -> any Encoder { Place(node: node, index: node.append("super")) }

    func superEncoder(forKey key: Key) -> any Encoder { place(key) }
}

private struct Elements: UnkeyedEncodingContainer {
    let node: Node
    var codingPath: [any CodingKey] { node.path }
    var count: Int { node.fields.count }

    private func place() -> Place { Place(node: node, index: node.append()) }

    func encodeNil() throws { try place().encodeNil() }
    func encode(_ value: String) throws { try place().encode(value) }
    func encode(_ value: Int64) throws { try place().encode(value) }
    func encode(_ value: some Encodable) throws { try value.encode(to: place()) }

    func nestedContainer<Nested: CodingKey>(keyedBy keyType: Nested.Type) -> KeyedEncodingContainer<Nested> {
        place().container(keyedBy: keyType)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { place().unkeyedContainer() }

    func superEncoder() -> any Encoder { place() }
}
