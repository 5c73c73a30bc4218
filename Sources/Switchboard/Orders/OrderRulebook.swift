import Documents
import Foundation
import Norms
import WorkOrders

/// By what rules this hotline's orders live: the library of lives, one policy, and its profile's way of counting.
public struct OrderRulebook: Sendable {
    public let library: OrderLibrary
    public let policy: OrderPolicy
    public let deadline: OrderDeadline

    /// - Parameters:
    ///   - norms: the folder of norms; lives are in its folder `orders`.
    ///   - id: the policy's.
    /// - Throws: `DocumentErrors` with everything wrong; `SwitchboardError` `.configuration` where there is no such policy.
    public init(norms: NormFolder, policy id: String, zone: ZoneOffsets) throws {
        let profiles = try norms.profiles().map(\.profile)
        library = try OrderLibrary.decode(try Self.files("\(norms.path)/orders"), profiles: profiles)
        guard let policy = library.policies[id] else {
            let known = library.policies.keys.sorted()
            throw SwitchboardError(
                .configuration,
                "there is no order policy `\(id.prefix(60))`. "
                    + Names.advice(for: id, in: known, otherwise: "There are: \(known.joined(separator: ", "))"))
        }
        self.policy = policy
        // A policy names a profile that was read, or was refused.
        let rules = profiles.first { $0.citation == policy.profile }?.clock ?? ClockRules()
        deadline = DueClock(calendar: try norms.calendar(), zone: zone, rules: rules).orderDeadline
    }

    private static func files(_ folder: String) throws -> [OrderFile] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".yaml") }
        } catch {
            throw SwitchboardError(.configuration, "\(folder) cannot be read: \(error.localizedDescription)")
        }
        return try names.sorted().map { name in
            let path = "\(folder)/\(name)"
            switch RosterSource.read(path) {
            case .text(let text, _): return OrderFile(name: path, text: text)
            case .unreadable(let why): throw SwitchboardError(.configuration, "\(path) \(why)")
            }
        }
    }
}
