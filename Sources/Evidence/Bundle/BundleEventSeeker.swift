/// Finds one event in a bundle that was found readable, from its beginning on.
package struct BundleEventSeeker {
    private let chain: String
    private let sequence: Int64
    private var member = ""
    private var wanted: String?
    private var text: [UInt8] = []

    package init(chain: String, sequence: Int64) {
        self.chain = chain
        self.sequence = sequence
    }

    /// - Returns: false where the event cannot follow any more.
    package mutating func begin(_ name: String) -> Bool {
        member = name
        text = []
        return [BundleFormat.description, BundleFormat.keys, BundleFormat.anchors].contains(name)
            || name.hasPrefix(BundleFormat.chains)
    }

    package mutating func data(_ bytes: [UInt8]) -> JournalEvent? {
        guard member == BundleFormat.description || member == wanted else { return nil }
        text += bytes
        guard member == wanted else { return nil }
        var start = text.startIndex
        defer { text.removeFirst(start) }
        while let end = text[start...].firstIndex(of: 10) {
            let line = Array(text[start..<end])
            start = end + 1
            do throws(EvidenceError) {
                let event = try BundleEvent(chain: chain, line: line)
                if event.sealed.sequence == sequence, let body = event.sealed.body {
                    return try JournalEvent(body: body)
                }
            } catch {
                return nil  // it was readable a moment ago; nothing is said of it
            }
        }
        return nil
    }

    package mutating func end() {
        guard member == BundleFormat.description else { return }
        do throws(EvidenceError) {
            let chains = try BundleDescription(bytes: text).chains
            wanted = chains.firstIndex { $0.name == chain }.map(BundleFormat.chain)
        } catch {
            wanted = nil
        }
    }
}
