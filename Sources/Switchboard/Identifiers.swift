import Calls
import Synchronization

/// The exchange's one source of identifiers and random bits. Any thread.
public final class Identifiers: Sendable {
    private let generator: Mutex<IdentifierGenerator>
    private let time: any TimeSource

    public init(node: UInt16, time: any TimeSource) {
        generator = Mutex(IdentifierGenerator(node: node))
        self.time = time
    }

    public func next<Kind>() -> Identifier<Kind> {
        let wall = time.now().wall
        let bits = random()
        return generator.withLock { $0.next(wallMicroseconds: wall, random: bits) }
    }

    /// 64 bits from the system's generator.
    public func random() -> UInt64 { UInt64.random(in: .min ... .max) }
}
