import Documents
import Foundation
import Norms
import Testing

/// What is shipped in `norms/`.
enum Shipped {
    static let others: Set<String> = ["calendar-cn.yaml", "items.yaml", "retention.yaml"]

    static func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: Checkout.root.appendingPathComponent("norms").path)
            .filter { $0.hasSuffix(".yaml") && !others.contains($0) }.sorted()
    }

    static func read(_ name: String) throws -> (profile: NormProfile, warnings: [DocumentError]) {
        try NormProfile.decode(try Checkout.text("norms/\(name)"), file: name)
    }

    /// Read once for all tests.
    private static let all = Result { try names().map { try read($0).profile } }
    private static let catalogue = Result {
        try NormItems.decode(try Checkout.text("norms/items.yaml"), file: "items.yaml")
    }

    static func profiles() throws -> [NormProfile] { try all.get() }

    static func profile(_ id: String) throws -> NormProfile {
        try #require(try profiles().first { $0.id == id })
    }

    static func rule(_ profile: String, _ id: String) throws -> NormRule {
        try #require(try Shipped.profile(profile).rule(id))
    }

    static func items() throws -> NormItems { try catalogue.get() }
}
