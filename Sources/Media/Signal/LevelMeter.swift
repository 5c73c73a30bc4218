import Glibc

/// The level of a run of samples in dBov (RFC 6464 §3: 0 is the mean power of a square wave at the overload point,
/// a sine at full scale has -3, G.711's 0 dBm0 is about -6).
package enum LevelMeter {
    /// What digital silence measures.
    package static let floor = -127

    /// The mean square of `count` samples, 0…2^30.
    package static func meanSquare(_ samples: UnsafePointer<Int16>, count: Int) -> Float {
        guard count > 0 else { return 0 }
        var sum: Int64 = 0
        for index in 0..<count {
            let sample = Int32(samples[index])
            sum &+= Int64(sample &* sample)
        }
        return Float(sum) / Float(count)
    }

    /// A mean square in dBov, -127…0.
    package static func decibels(_ meanSquare: Float) -> Float {
        guard meanSquare > 0 else { return Float(floor) }
        return max(Float(floor), min(0, 10 * log10f(meanSquare / 1_073_741_824)))
    }

    /// `count` samples in dBov.
    package static func decibels(_ samples: UnsafePointer<Int16>, count: Int) -> Float {
        decibels(meanSquare(samples, count: count))
    }
}
