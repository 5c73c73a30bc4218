/// Finds the name that was probably meant.
public enum Names {
    /// The candidate nearest to `name` by edit distance, where it is near enough to be a slip; ties go to the first.
    public static func nearest(to name: String, in candidates: some Sequence<String>) -> String? {
        // Hostile names must not cost quadratic time.
        guard name.unicodeScalars.count <= 64 else { return nil }
        var best: (name: String, distance: Int)?
        for candidate in candidates where candidate.unicodeScalars.count <= 64 {
            let distance = distance(name, candidate)
            if distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        guard let best, best.distance <= max(2, name.unicodeScalars.count / 3) else { return nil }
        return best.name
    }

    /// `Did you mean "x"?`, or the fallback where nothing is near.
    public static func advice(
        for name: String, in candidates: some Sequence<String>, otherwise fallback: String = ""
    ) -> String {
        nearest(to: name, in: candidates).map { "Did you mean \"\($0)\"?" } ?? fallback
    }

    /// Optimal string alignment: insertions, deletions, replacements and swaps of neighbours count one each.
    static func distance(_ left: String, _ right: String) -> Int {
        let a = Array(left.unicodeScalars)
        let b = Array(right.unicodeScalars)
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in 0..<a.count {
            var row = [i + 1]
            for j in 0..<b.count {
                var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
                row.append(cost)
            }
            beforeLast = last
            last = row
        }
        return last[b.count]
    }
}
