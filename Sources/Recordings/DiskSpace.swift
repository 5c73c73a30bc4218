import Glibc

/// How much room a folder's file system has.
public struct DiskSpace: Sendable, Hashable {
    /// Bytes that this program may still write.
    public var freeBytes: Int64
    public var totalBytes: Int64

    public init(freeBytes: Int64, totalBytes: Int64) {
        self.freeBytes = freeBytes
        self.totalBytes = totalBytes
    }

    /// Asks the file system that holds `folder`. Any thread; may wait for the disk.
    /// - Throws: `.folder` with the system's errno.
    public init(of folder: String) throws(RecordingError) {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else {
            let number = errno
            throw RecordingError(
                .folder, "The free space of \(folder) cannot be read: \(Files.text(number)). Check that it exists.",
                errno: number)
        }
        let unit = Int64(clamping: status.f_frsize)
        freeBytes = Int64(clamping: status.f_bavail).multipliedClamping(unit)
        totalBytes = Int64(clamping: status.f_blocks).multipliedClamping(unit)
    }

    /// 0…1.
    public var freeFraction: Double { totalBytes > 0 ? Double(freeBytes) / Double(totalBytes) : 0 }

    /// How many days the room lasts at so many bytes a day; nil where nothing is written.
    public func days(bytesPerDay: Double) -> Double? {
        bytesPerDay > 0 ? Double(freeBytes) / bytesPerDay : nil
    }

    /// How many days the room lasts with so many hours of calls a day.
    public func days(callHoursPerDay: Double, format: RecordingFormat) -> Double? {
        days(bytesPerDay: callHoursPerDay * 3600 * Double(format.bytesPerStereoSecond))
    }
}

extension Int64 {
    fileprivate func multipliedClamping(_ other: Int64) -> Int64 {
        let (value, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : value
    }
}
