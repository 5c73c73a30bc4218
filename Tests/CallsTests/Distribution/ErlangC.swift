/// The waiting system M/M/c (Erlang 1917): Poisson arrivals, exponential service, c agents, endless patience.
struct ErlangC {
    let agents: Int
    /// Arrivals a second times the mean service in seconds: how many agents are busy on average.
    let load: Double
    let meanServiceSeconds: Double

    /// Probability that a caller has to wait. By the recursion of Erlang B, which does not overflow:
    /// B(0) = 1, B(n) = aB(n−1) / (n + aB(n−1)); C = B / (1 − ρ(1 − B)).
    var waits: Double {
        var blocked = 1.0
        for count in 1...agents { blocked = load * blocked / (Double(count) + load * blocked) }
        return blocked / (1 - load / Double(agents) * (1 - blocked))
    }

    /// E(W) = C · s / (c − a), over all callers.
    var meanWaitSeconds: Double { waits * meanServiceSeconds / (Double(agents) - load) }

    /// P(W ≤ t) = 1 − C · e^(−(c − a)t/s). `exponential` is e^x: the standard library has none without Foundation.
    func serviceLevel(withinSeconds limit: Double) -> Double {
        1 - waits * exponential(-(Double(agents) - load) * limit / meanServiceSeconds)
    }
}

/// e^x by halving and the series: exact to the last digits for the |x| that occur here (below 50).
func exponential(_ x: Double) -> Double {
    let half = x / 1024
    var term = 1.0
    var sum = 1.0
    for count in 1...12 {
        term *= half / Double(count)
        sum += term
    }
    for _ in 0..<10 { sum *= sum }
    return sum
}

/// Natural logarithm for 0 < x: the exponent taken out, the rest by the series of artanh.
func logarithm(_ x: Double) -> Double {
    let rest = x.significand
    let ratio = (rest - 1) / (rest + 1)
    var power = ratio
    var sum = 0.0
    for count in stride(from: 1, through: 41, by: 2) {
        sum += power / Double(count)
        power *= ratio * ratio
    }
    return Double(x.exponent) * 0.693_147_180_559_945_3 + 2 * sum
}
