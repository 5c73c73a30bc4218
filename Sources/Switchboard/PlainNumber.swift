/// A telephone number as calls show it, and as it is dialled, blocked and looked for: digits alone.
public enum PlainNumber {
    /// Whether it has 3 to 20 digits and nothing else; E.164 §6 allows 15, a prefix to the outside comes before them.
    public static func fits(_ number: String) -> Bool {
        (3...20).contains(number.utf8.count) && number.utf8.allSatisfy { (48...57).contains($0) }
    }
}
