/// How a number as received becomes the number as stored and compared, as data.
///
/// A number first loses the prefix of its own country and is then matched against `national`; whatever comes of it is
/// matched against `local`. In either table the first pattern that matches is applied, once; none: the number stays.
public struct NumberRules: Sendable, Hashable, Codable {
    /// A prefix of the own country, e.g. `+86`.
    public struct CountryPrefix: Sendable, Hashable, Codable {
        public var text: String
        /// Holds only where at least so many digits follow, so that the local number 86865598 keeps its 86.
        public var digitsAfter: Int

        public init(text: String, digitsAfter: Int) {
            self.text = text
            self.digitsAfter = digitsAfter
        }
    }

    /// A pattern of a whole number and what to do with it.
    public struct Rule: Sendable, Hashable, Codable {
        /// `X`: 0–9, `Z`: 1–9, `N`: 2–9, a final `.`: any further digits; everything else stands for itself.
        public var pattern: String
        /// Characters taken from the front.
        public var strip: Int
        /// Put in front afterwards.
        public var prepend: String

        public init(pattern: String, strip: Int = 0, prepend: String = "") {
            self.pattern = pattern
            self.strip = strip
            self.prepend = prepend
        }

        /// Whether the whole number fits the pattern.
        public func matches(_ number: String) -> Bool {
            var rest = number[...]
            for symbol in pattern {
                if symbol == "." { return rest.allSatisfy { ("0"..."9").contains($0) } }
                guard let next = rest.popFirst() else { return false }
                switch symbol {
                case "X": guard ("0"..."9").contains(next) else { return false }
                case "Z": guard ("1"..."9").contains(next) else { return false }
                case "N": guard ("2"..."9").contains(next) else { return false }
                default: guard next == symbol else { return false }
                }
            }
            return rest.isEmpty
        }

        func applied(to number: String) -> String { prepend + number.dropFirst(max(0, strip)) }
    }

    public var countryPrefixes: [CountryPrefix]
    /// For numbers that had the country's prefix.
    public var national: [Rule]
    /// For all numbers, afterwards.
    public var local: [Rule]
    /// Service numbers that are never changed, e.g. `95598`, `12345`.
    public var short: Set<String>
    /// User parts that mean "withheld", in lower case.
    public var anonymous: Set<String>
    /// The longest number kept; what is longer is cut (E.164: 15 digits, prefixes come on top).
    public var maximumLength: Int

    public init(
        countryPrefixes: [CountryPrefix], national: [Rule], local: [Rule], short: Set<String>, anonymous: Set<String>,
        maximumLength: Int = 32
    ) {
        self.countryPrefixes = countryPrefixes
        self.national = national
        self.local = local
        self.short = short
        self.anonymous = anonymous
        self.maximumLength = maximumLength
    }

    /// Mainland China as its carriers signal it: mobile numbers as 11 digits, other cities' fixed numbers with the
    /// trunk prefix 0, 400/800 and service numbers as dialled.
    public static let china = NumberRules(
        countryPrefixes: [
            CountryPrefix(text: "+86", digitsAfter: 3),
            CountryPrefix(text: "0086", digitsAfter: 3),
            // Without + or 00 only a long number can be meant: area code and subscriber have ten digits or more.
            CountryPrefix(text: "86", digitsAfter: 10),
        ],
        national: [
            Rule(pattern: "1NXXXXXXXXX"),
            Rule(pattern: "400XXXXXXX"),
            Rule(pattern: "800XXXXXXX"),
            // Beijing, then the two-digit and three-digit area codes with seven or eight digits behind.
            Rule(pattern: "10XXXXXXXX", prepend: "0"),
            Rule(pattern: "NXXXXXXXX.", prepend: "0"),
        ],
        local: [
            // 0 before a mobile number: dialled as long distance.
            Rule(pattern: "01NXXXXXXXXX", strip: 1)
        ],
        short: ["95598", "12345", "12398", "110", "119", "120", "122"],
        anonymous: ["anonymous", "restricted", "unavailable", "unknown", "private", "withheld", "anonymous.invalid"])

    /// The number as stored; nil where it is withheld or nothing usable is left.
    /// - Parameter user: a user part as received, e.g. `+86-571-8686-5598;phone-context=…` or `%2B8613800138000`.
    public func normalise(_ user: String) -> String? {
        let cleaned = Self.cleaned(user)
        guard !cleaned.isEmpty, !anonymous.contains(cleaned.lowercased()) else { return nil }
        // Names of softphones are left as they are: only what is dialled has rules.
        guard cleaned.allSatisfy({ "+*#0123456789".contains($0) }), !short.contains(cleaned) else {
            return cut(cleaned)
        }
        var number = cleaned
        for prefix in countryPrefixes where number.hasPrefix(prefix.text) {
            let rest = String(number.dropFirst(prefix.text.count))
            guard rest.count >= prefix.digitsAfter else { continue }
            number = short.contains(rest) ? rest : Self.apply(national, to: rest)
            break
        }
        return cut(short.contains(number) ? number : Self.apply(local, to: number))
    }

    private func cut(_ number: String) -> String { String(number.prefix(max(0, maximumLength))) }

    private static func apply(_ rules: [Rule], to number: String) -> String {
        rules.first { $0.matches(number) }?.applied(to: number) ?? number
    }

    /// Percent escapes undone, parameters and visual separators (RFC 3966 §5.1.1) left out, then only letters, digits
    /// and `+*#._-` of names kept; at most 256 characters are read.
    static func cleaned(_ user: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(user.utf8.prefix(256))[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                rest = rest.dropFirst(2)
                bytes.append(value)
            } else {
                bytes.append(byte)
            }
        }
        if let end = bytes.firstIndex(of: UInt8(ascii: ";")) { bytes = Array(bytes[..<end]) }
        let dialled = bytes.allSatisfy { !isLetter($0) }
        let kept = bytes.filter { byte in
            if (48...57).contains(byte) || [43, 42, 35].contains(byte) { return true }
            return !dialled && (isLetter(byte) || [46, 95, 45].contains(byte))
        }
        return String(decoding: kept, as: UTF8.self)
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }
}
