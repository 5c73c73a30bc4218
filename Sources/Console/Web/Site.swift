import Calls
import Foundation
import Hummingbird
import Mustache
import Norms
import Storage

/// The pages' templates, words and files, read once at the start.
public struct Site: Sendable {
    let library: MustacheLibrary
    let words: Words
    let files: StaticFiles
    /// Local time.
    let zone: ZoneOffsets
    let isSecure: Bool

    /// - Parameters:
    ///   - folder: `web` of the shipped files.
    ///   - isSecure: people come by HTTPS, through a proxy before this server: cookies say so.
    /// - Throws: `ConsoleError`, `DocumentErrors`, or what reading a template throws, each naming the file.
    public init(folder: String, isSecure: Bool, zone: ZoneOffsets) async throws {
        guard FileManager.default.fileExists(atPath: "\(folder)/templates/layout.mustache") else {
            throw ConsoleError("\(folder) holds no templates: the shipped files are not whole")
        }
        library = try await MustacheLibrary(directory: "\(folder)/templates")
        words = try Words(folder: "\(folder)/i18n")
        files = try StaticFiles(folder: "\(folder)/static")
        self.isSecure = isSecure
        self.zone = zone
    }

    /// Debian's packages that the pages' libraries come from.
    public static var libraryPackages: [String] { StaticFiles.packages }

    /// Files without which the web side does not begin, and which are not there.
    /// - Parameter folder: as for `init`.
    public static func missingFiles(folder: String) -> [String] {
        let own = ["templates/layout.mustache", "i18n/console.yaml", "static/console.css"].map { "\(folder)/\($0)" }
        return (StaticFiles.libraries.values.sorted() + own).filter { !FileManager.default.isReadableFile(atPath: $0) }
    }

    /// Local time, `2026-11-28 09:05:07`; empty for none.
    func time(_ time: UTCTime?) -> String {
        guard let time else { return "" }
        let civil = zone.civil(time.microseconds)
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(civil.year)-\(two(civil.month))-\(two(civil.day)) \(two(civil.hour)):\(two(civil.minute)):"
            + two(civil.second)
    }

    /// The first moment of a day, from `2026-11-28`; nil for what is no day.
    func day(_ text: String, after days: Int = 0) -> UTCTime? {
        CivilDate(text).map { UTCTime(microseconds: zone.instant($0.adding(days: days))) }
    }

    /// A moment as browsers write it, `2026-11-28T09:30`, local; nil for what is none.
    func moment(_ text: String) -> UTCTime? {
        let parts = text.split(separator: "T", omittingEmptySubsequences: false)
        guard parts.count == 2, let date = CivilDate(String(parts[0])) else { return nil }
        let clock = parts[1].split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard (2...3).contains(clock.count), let hour = clock[0], let minute = clock[1], (0..<24).contains(hour),
            (0..<60).contains(minute)
        else { return nil }
        return UTCTime(microseconds: zone.instant(date, minute: hour * 60 + minute))
    }

    /// Today in local time, `2026-11-28`.
    func today(_ now: Instant) -> String { String(time(UTCTime(now)).prefix(10)) }
}
