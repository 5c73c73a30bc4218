import Documents
import Foundation
import Norms
import Storage
import WorkOrders

/// By what rules this hotline's orders live: the library of lives, one policy, and its profile's way of counting.
public struct OrderRulebook: Sendable {
    /// All of the folder, sorted by name.
    public let profiles: [NormProfile]
    public let library: OrderLibrary
    public let policy: OrderPolicy
    /// The policy's: penalties are proposed by it.
    public let profile: NormProfile
    public let deadline: OrderDeadline
    /// As the profile counts.
    public let clock: DueClock

    /// - Parameters:
    ///   - norms: the folder of norms; lives are in its folder `orders`.
    ///   - id: the policy's.
    /// - Throws: `DocumentErrors` with everything wrong; `SwitchboardError` `.configuration` where there is no such policy.
    public init(norms: NormFolder, policy id: String, zone: ZoneOffsets) throws {
        profiles = try norms.profiles().map(\.profile)
        library = try Self.library(norms, profiles)
        guard let policy = library.policies[id] else {
            let known = library.policies.keys.sorted()
            throw SwitchboardError(
                .configuration,
                "there is no order policy `\(id.prefix(60))`. "
                    + Names.advice(for: id, in: known, otherwise: "There are: \(known.joined(separator: ", "))"))
        }
        self.policy = policy
        guard let profile = profiles.first(where: { $0.citation == policy.profile }) else {
            throw SwitchboardError(.configuration, "policy \(id) belongs to \(policy.profile), which is not there")
        }
        self.profile = profile
        clock = DueClock(calendar: try norms.calendar(), zone: zone, rules: profile.clock)
        deadline = clock.orderDeadline
    }

    /// An order's life, made again from its steps; before its first step, where it would begin.
    /// - Throws: `SwitchboardError` `.refused` where it lives by other rules, or its steps are gone.
    public func life(of order: OrderSummary) throws -> OrderLife {
        guard let rules = library.life(of: order.category),
            let fresh = OrderLife(rules: rules, policy: policy, category: order.category)
        else { throw SwitchboardError(.refused, "there is no life for orders of category \(order.category)") }
        if order.steps.isEmpty {
            guard order.state == nil else {
                throw SwitchboardError(
                    .refused, "the steps of order \(order.number) were erased with a person's data")
            }
            return fresh
        }
        // Steps are judged by the rules under which they were done.
        let present = ["\(rules.id)@\(rules.version)", "\(policy.id)@\(policy.version)"]
        guard [order.life, order.policy] == present else {
            throw SwitchboardError(
                .refused,
                "order \(order.number) lives by \(order.life ?? "-") and \(order.policy ?? "-"), this server by "
                    + present.joined(separator: " and ") + ": set `orders.policy` and `orders.norms` to those")
        }
        do throws(OrderRefusal) {
            return try OrderLife.replay(
                order.steps.map(OrderEvent.init), rules: rules, policy: policy, category: order.category,
                deadline: deadline)
        } catch {
            throw SwitchboardError(
                .refused, "order \(order.number) has a step that its rules refuse today: \(error)")
        }
    }

    /// The lives, policies and routings of a folder of norms.
    /// - Throws: `DocumentErrors` with everything wrong; `SwitchboardError` `.configuration` where it cannot be read.
    public static func library(_ norms: NormFolder, _ profiles: [NormProfile]) throws -> OrderLibrary {
        try OrderLibrary.decode(try files("\(norms.path)/orders"), profiles: profiles)
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
