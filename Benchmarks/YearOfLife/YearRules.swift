import Foundation
import Norms
import WorkOrders

/// The data files that a year lives by, read from a folder of norms.
public struct YearRules: Sendable {
    public let library: OrderLibrary
    public let policy: OrderPolicy
    /// The policy's.
    public let profile: NormProfile
    /// By id: every profile of the folder.
    public let profiles: [String: NormProfile]
    public let calendar: WorkingCalendar

    /// - Parameters:
    ///   - folder: `norms`; the lives of orders stand in its folder `orders`.
    ///   - id: the policy's.
    /// - Throws: what is wrong with the files; `YearError` where there is no such policy.
    public init(folder: String, policy id: String) throws {
        var profiles: [NormProfile] = []
        for name in try Self.names(folder) where !Self.others.contains(name) {
            profiles.append(try NormProfile.decode(try Self.text("\(folder)/\(name)"), file: name).profile)
        }
        let files = try Self.names("\(folder)/orders").map { name in
            OrderFile(name: name, text: try Self.text("\(folder)/orders/\(name)"))
        }
        library = try OrderLibrary.decode(files, profiles: profiles)
        calendar = try WorkingCalendar.decode(
            try Self.text("\(folder)/calendar-cn.yaml"), file: "calendar-cn.yaml")
        guard let policy = library.policies[id],
            let profile = profiles.first(where: { $0.citation == policy.profile })
        else { throw YearError("there is no policy \(id) with a profile in \(folder)") }
        self.policy = policy
        self.profile = profile
        self.profiles = Dictionary(profiles.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// What stands beside the profiles.
    private static let others: Set<String> = ["calendar-cn.yaml", "items.yaml", "retention.yaml"]

    private static func names(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".yaml") }.sorted()
    }

    private static func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
}

extension YearOfLife {
    /// - Parameter zone: of local days; China's by default.
    public init(
        seed: UInt64, calls: Int, orders: Int, year: Int, rules: YearRules, zone: ZoneOffsets = .fixed(28_800)
    ) {
        self.init(
            seed: seed, calls: calls, orders: orders, year: year, rules: rules.library, policy: rules.policy,
            profile: rules.profile, calendar: rules.calendar, zone: zone)
    }
}
