import Foundation

/// An exclusive hold on a file. The kernel lets go of it when the process ends, however it ends.
package final class FileLock: Sendable {
    /// Why a file is not held.
    package enum Refusal: Error {
        /// The file cannot be opened or locked at all: the system's error number.
        case failed(Int32)
        /// Another process, or another part of this one, holds it.
        case held
    }

    /// Open for reading and writing while the hold lasts.
    let descriptor: Int32

    /// Makes the file, for its owner alone, where it is missing.
    package init(_ path: String) throws(Refusal) {
        // `O_CLOEXEC`: a command that the process starts must not keep the hold beyond the process's own end.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .failed(errno) }
        var whole = Self.whole(F_WRLCK)
        guard fcntl(descriptor, Self.set, &whole) == 0 else {
            let failure = errno
            close(descriptor)
            throw failure == EAGAIN || failure == EACCES ? .held : .failed(failure)
        }
        self.descriptor = descriptor
    }

    deinit {
        // Closing alone leaves the hold to a copy that a child has between its fork and its exec: whoever opens the
        // folder next would be refused.
        var whole = Self.whole(F_UNLCK)
        _ = fcntl(descriptor, Self.set, &whole)
        close(descriptor)
    }

    /// Whether somebody holds the file; false where it cannot be opened. Takes no hold itself, so that nobody who wants
    /// one is refused for the question.
    package static func isHeld(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var whole = whole(F_WRLCK)
        // A file system that cannot say it: better nothing is done beside a server that may be there.
        return fcntl(descriptor, get, &whole) != 0 || whole.l_type != Int16(F_UNLCK)
    }

    /// Locks of the open file (fcntl(2), "Open file description locks"): those of a process end with the first
    /// descriptor of the file that any of its parts closes, and `flock` has no question without a hold.
    /// The numbers are `F_OFD_SETLK` and `F_OFD_GETLK` of Linux's fcntl.h, which Swift's Glibc leaves out.
    private static let set: Int32 = 37
    private static let get: Int32 = 36

    private static func whole(_ type: Int32) -> flock {
        var lock = flock()
        lock.l_type = Int16(type)
        lock.l_whence = Int16(SEEK_SET)
        return lock
    }
}
