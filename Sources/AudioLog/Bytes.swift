import Calls

extension RawSpan {
    /// The little-endian integer at a byte offset; the offset is checked.
    func littleEndian<Value: FixedWidthInteger & BitwiseCopyable>(_: Value.Type, at offset: Int) -> Value {
        Value(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: Value.self))
    }

    /// The 16-byte identifier at a byte offset, network order.
    func identifier<Kind>(_: Kind.Type = Kind.self, at offset: Int) -> Identifier<Kind> {
        Identifier(
            high: littleEndian(UInt64.self, at: offset).byteSwapped,
            low: littleEndian(UInt64.self, at: offset + 8).byteSwapped)
    }

    /// Whether every byte of a range is zero.
    func isZero(_ range: Range<Int>) -> Bool {
        var index = range.lowerBound
        while range.upperBound - index >= 8 {
            guard littleEndian(UInt64.self, at: index) == 0 else { return false }
            index += 8
        }
        while index < range.upperBound {
            guard littleEndian(UInt8.self, at: index) == 0 else { return false }
            index += 1
        }
        return true
    }
}

extension MutableRawSpan {
    mutating func store<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value, at offset: Int) {
        storeBytes(of: value.littleEndian, toByteOffset: offset, as: Value.self)
    }

    mutating func store<Kind>(_ identifier: Identifier<Kind>, at offset: Int) {
        store(identifier.high.byteSwapped, at: offset)
        store(identifier.low.byteSwapped, at: offset + 8)
    }

    /// Copies all of `source` to a byte offset.
    mutating func copy(_ source: RawSpan, to offset: Int) {
        var index = 0
        while source.byteCount - index >= 8 {
            storeBytes(
                of: source.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self), toByteOffset: offset + index,
                as: UInt64.self)
            index += 8
        }
        while index < source.byteCount {
            storeBytes(
                of: source.unsafeLoadUnaligned(fromByteOffset: index, as: UInt8.self), toByteOffset: offset + index,
                as: UInt8.self)
            index += 1
        }
    }
}
