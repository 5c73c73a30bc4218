import CLinux
import Glibc
import Testing

/// The entry of a folder as readdir gives it: no longer than its name needs.
@Suite struct FolderEntryTests {
    @Test("The last entry of a buffer that ends with readable memory is read to its name's end and no further")
    func anEntryAtTheEndOfMemory() throws {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let memory = try #require(mmap(nil, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
        try #require(memory != MAP_FAILED)
        defer { munmap(memory, 2 * page) }
        try #require(mprotect(memory + page, page, PROT_NONE) == 0)
        // Inode and offset (8 bytes each), the entry's length (2) and kind (1), the name and its 0.
        let name = Array("1354".utf8) + [0]
        let entry = memory + page - 24
        (entry + 16).storeBytes(of: 24, as: UInt16.self)
        (entry + 19).copyMemory(from: name, byteCount: name.count)
        #expect(String(cString: hotline_entry_name(entry.assumingMemoryBound(to: dirent.self))) == "1354")
    }
}
