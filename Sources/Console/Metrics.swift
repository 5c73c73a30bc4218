/// One family of the Prometheus text format (version 0.0.4): a name, a type, samples.
public struct MetricFamily: Sendable {
    public enum Kind: String, Sendable { case counter, gauge, histogram }

    public struct Sample: Sendable {
        /// Appended to the family's name: `_bucket`, `_sum`, `_count`, or nothing.
        public var suffix: String
        public var labels: [(String, String)]
        public var value: Double

        public init(suffix: String = "", labels: [(String, String)] = [], value: Double) {
            self.suffix = suffix
            self.labels = labels
            self.value = value
        }
    }

    public var name: String
    public var help: String
    public var kind: Kind
    public var samples: [Sample]

    public init(_ name: String, _ kind: Kind, help: String, samples: [Sample]) {
        self.name = name
        self.kind = kind
        self.help = help
        self.samples = samples
    }

    /// A family of one sample without labels.
    public init(_ name: String, _ kind: Kind, help: String, value: some BinaryInteger) {
        self.init(name, kind, help: help, samples: [Sample(value: Double(value))])
    }

    /// A family with one label, in the label's order.
    public init(_ name: String, _ kind: Kind, help: String, label: String, values: [String: Int]) {
        self.init(
            name, kind, help: help,
            samples: values.sorted { $0.key < $1.key }.map {
                Sample(labels: [(label, $0.key)], value: Double($0.value))
            })
    }

    /// A histogram from cumulative counts. `bounds` in seconds.
    public init(_ name: String, help: String, bounds: [Double], cumulative: [Int], count: Int, sum: Double) {
        var samples = zip(bounds, cumulative).map { bound, count in
            Sample(suffix: "_bucket", labels: [("le", PrometheusText.number(bound))], value: Double(count))
        }
        samples.append(Sample(suffix: "_bucket", labels: [("le", "+Inf")], value: Double(count)))
        samples.append(Sample(suffix: "_sum", value: sum))
        samples.append(Sample(suffix: "_count", value: Double(count)))
        self.init(name, .histogram, help: help, samples: samples)
    }
}

/// Writes families in the Prometheus text format.
public enum PrometheusText {
    public static func render(_ families: [MetricFamily]) -> String {
        var text = ""
        for family in families {
            text += "# HELP \(family.name) \(escape(family.help, quotes: false))\n"
            text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
            for sample in family.samples {
                text += family.name + sample.suffix
                if !sample.labels.isEmpty {
                    let labels = sample.labels.map { "\($0.0)=\"\(escape($0.1, quotes: true))\"" }
                    text += "{" + labels.joined(separator: ",") + "}"
                }
                text += " \(number(sample.value))\n"
            }
        }
        return text
    }

    static func number(_ value: Double) -> String {
        if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
        return String(value)
    }

    private static func escape(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
