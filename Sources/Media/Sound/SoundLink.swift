import Synchronization

/// What a sound card's thread and the media thread have in common: a timeline of samples each way. The card's thread
/// follows the card's clock, the media thread its ticks; the card's thread evens out the difference.
///
/// Memory of its own; noncopyable; neither side ever waits for the other.
package struct SoundLink: ~Copyable {
    /// From the card to the media thread.
    package let capture: SampleTimeline
    /// From the media thread to the card.
    package let playback: SampleTimeline
    /// A leg uses it now.
    private let claimed = Atomic<Bool>(false)

    /// - Parameters:
    ///   - captureTarget: how far the media thread reads behind the card's thread, samples at 8,000 a second: how late
    ///     the card's thread may be.
    ///   - playbackTarget: how far the card's thread reads behind the media thread: how late a tick may be.
    package init(captureTarget: Int64 = 480, playbackTarget: Int64 = 320) {
        capture = SampleTimeline(target: captureTarget)
        playback = SampleTimeline(target: playbackTarget)
    }

    // MARK: - The control plane

    /// Takes it for one leg; false where another one has it.
    package func claim() -> Bool { !claimed.exchange(true, ordering: .acquiringAndReleasing) }

    /// Gives it back, once the media thread is done with the leg.
    package func release() { claimed.store(false, ordering: .releasing) }

    // MARK: - The media thread

    /// A leg begins to play and to listen.
    package func begin() {
        capture.beginReading()
        playback.beginWriting()
    }

    /// This tick's 160 samples from the card.
    /// - Returns: false where they were not there in time; `out` is left alone then.
    package func take(into out: UnsafeMutablePointer<Int16>) -> Bool {
        capture.read(into: out, count: LegReceiver.samplesPerTick)
    }

    /// This tick's 160 samples to the card.
    package func give(_ samples: UnsafePointer<Int16>) { playback.write(samples, count: LegReceiver.samplesPerTick) }

    /// Ticks that were left out: told when their time has passed, before the next `take`.
    package func skip(ticks: Int) {
        capture.skip(count: ticks &* LegReceiver.samplesPerTick)
        playback.writeSilence(count: ticks &* LegReceiver.samplesPerTick)
    }

    /// The leg is over. What it has given is still played.
    package func end() {
        capture.endReading()
        playback.endWriting()
    }
}

package typealias SoundLinkPointer = UnsafeMutablePointer<SoundLink>
