import Evidence

/// Which machine writes.
public struct NodeIdentity: Sendable, Hashable {
    /// The node's name, and its chain's; 1…64 bytes, without control characters. Never changed while the data lives.
    public var name: String
    /// 0 where only one machine is, 1…65,535 in a cluster.
    public var number: UInt16
    /// The boot's id (`/proc/sys/kernel/random/boot_id`).
    public var boot: String

    public init(name: String, number: UInt16, boot: String) {
        self.name = name
        self.number = number
        self.boot = boot
    }

    func check() throws(StorageError) {
        let name = Array(name.utf8)
        guard (1...64).contains(name.count), !name.contains(where: { $0 < 32 || $0 == 127 }) else {
            throw StorageError(
                .argument,
                "the node's name must have 1 to 64 bytes without control characters: change node.name in the configuration"
            )
        }
    }
}
