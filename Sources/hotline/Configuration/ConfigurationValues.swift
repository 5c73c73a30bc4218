import Documents
import Foundation
import Lines
import Media

/// Takes the effective values by key and in the type wanted, and collects what is wrong with them, each complaint with
/// the place that the value came from.
struct ConfigurationValues {
    private let effective: EffectiveConfiguration
    private var errors: [DocumentError] = []

    init(_ effective: EffectiveConfiguration) { self.effective = effective }

    func finish() throws(DocumentErrors) {
        if !errors.isEmpty { throw DocumentErrors(errors) }
    }

    mutating func complain(_ key: String, _ message: String) {
        let origin = effective.entries[key]?.origin ?? "configuration"
        errors.append(
            DocumentError(.badValue, file: origin, line: 0, column: 0, message: "`\(key)` \(message)"))
    }

    func text(_ key: String) -> String {
        if case .text(let text) = effective.entries[key]?.value { return text }
        return ""
    }

    /// An integer, or a duration's milliseconds.
    func integer(_ key: String) -> Int {
        switch effective.entries[key]?.value {
        case .integer(let number), .duration(let number): number
        default: 0
        }
    }

    func boolean(_ key: String) -> Bool { effective.entries[key]?.value == .boolean(true) }

    func list(_ key: String) -> [String] {
        if case .list(let items) = effective.entries[key]?.value { return items }
        return []
    }

    func texts(_ key: String) -> [String: String] {
        if case .texts(let texts) = effective.entries[key]?.value { return texts }
        return [:]
    }

    func records(_ key: String) -> [[String: String]] {
        if case .records(let records) = effective.entries[key]?.value { return records }
        return []
    }

    mutating func addresses(_ key: String) -> [IPAddress] {
        list(key).compactMap { text in
            if let address = IPAddress(text) { return address }
            complain(key, "takes numeric IPv4 or IPv6 addresses, not `\(text)`")
            return nil
        }
    }

    mutating func networks(_ key: String) -> [AddressRange] {
        list(key).compactMap { text in
            if let range = AddressRange(text) { return range }
            complain(key, "takes addresses and networks such as 192.0.2.0/24, not `\(text)`")
            return nil
        }
    }

    mutating func endpoints(_ key: String) -> [Endpoint] {
        list(key).compactMap { text in
            if let endpoint = Endpoint(text) { return endpoint }
            complain(key, "takes numeric addresses with a port, 192.0.2.1:5060 or [::1]:5060, not `\(text)`")
            return nil
        }
    }

    mutating func endpoint(_ key: String) -> Endpoint {
        if let endpoint = Endpoint(text(key)) { return endpoint }
        complain(key, "takes a numeric address with a port, 127.0.0.1:8080, not `\(text(key))`")
        return Endpoint(address: .unspecified(.v4), port: 0)
    }

    mutating func ports(_ key: String) -> ClosedRange<UInt16> {
        let parts = text(key).split(separator: "-")
        if parts.count == 2, let lower = UInt16(parts[0]), let upper = UInt16(parts[1]), lower >= 1024, lower < upper {
            return lower...upper
        }
        complain(key, "takes a range above 1023 such as 16384-32767, not `\(text(key))`")
        return 16384...32767
    }

    /// The first line of a file that holds a secret.
    mutating func secret(in path: String, key: String) -> String? {
        do {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            let line = text.prefix { $0 != "\n" && $0 != "\r\n" }
            guard !line.isEmpty else {
                complain(key, "names \(path), whose first line is empty")
                return nil
            }
            return String(line)
        } catch {
            complain(key, "names \(path), which cannot be read: \(error.localizedDescription)")
            return nil
        }
    }
}
