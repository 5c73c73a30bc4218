import CZlib
import Evidence
import Foundation
import Hummingbird

/// Files that browsers are given as they are: our own of `web/static`, and those of Debian's packages, named one by one. All are read
/// once, and kept compressed.
struct StaticFiles: Sendable {
    private struct File: Sendable {
        var bytes: [UInt8]
        var deflated: [UInt8]?
        var tag: String
        var type: String
    }

    /// What comes from Debian's packages, by the name that pages use.
    static let libraries = [
        "bootstrap.css": "/usr/share/javascript/bootstrap5/css/bootstrap.min.css",
        "chart.js": "/usr/share/javascript/chart.js/chart.min.js",
    ]
    /// Debian's packages that have them.
    static let packages = ["libjs-bootstrap5", "libjs-chart.js"]
    private static let types = [
        "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml",
    ]

    private var files: [String: File] = [:]

    /// - Throws: `ConsoleError` naming a file that cannot be read, and the package it comes from.
    init(folder: String) throws {
        for (name, path) in Self.libraries {
            guard let data = FileManager.default.contents(atPath: path) else {
                throw ConsoleError(
                    "\(path) cannot be read: install Debian's packages \(Self.packages.joined(separator: " and "))")
            }
            add(name, Array(data))
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
            guard Self.types[(name as NSString).pathExtension] != nil else { continue }
            add(name, Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))))
        }
    }

    private mutating func add(_ name: String, _ bytes: [UInt8]) {
        var hash = SHA256Stream()
        hash.update(bytes: bytes)
        files[name] = File(
            bytes: bytes, deflated: Self.deflate(bytes), tag: "\"\(hash.finish().prefix(16))\"",
            type: Self.types[(name as NSString).pathExtension] ?? "application/octet-stream")
    }

    /// The zlib format (RFC 1950), which HTTP calls deflate; nil where it does not help.
    static func deflate(_ bytes: [UInt8]) -> [UInt8]? {
        var length = compressBound(UInt(bytes.count))
        var packed = [UInt8](repeating: 0, count: Int(length))
        guard compress2(&packed, &length, bytes, UInt(bytes.count), 6) == Z_OK, Int(length) < bytes.count else {
            return nil
        }
        return Array(packed.prefix(Int(length)))
    }

    func response(_ name: String, _ request: Request) -> Response? {
        guard let file = files[name] else { return nil }
        var headers: HTTPFields = [
            .contentType: file.type, .eTag: file.tag, .cacheControl: "no-cache", .xContentTypeOptions: "nosniff",
            .vary: "Accept-Encoding",
        ]
        if request.headers[.ifNoneMatch] == file.tag { return Response(status: .notModified, headers: headers) }
        if let packed = file.deflated, Self.takesDeflate(request) {
            headers[.contentEncoding] = "deflate"
            return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: packed)))
        }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: file.bytes)))
    }

    static func takesDeflate(_ request: Request) -> Bool {
        (request.headers[.acceptEncoding] ?? "").split(separator: ",").contains {
            $0.drop { $0 == " " }.prefix { $0 != ";" && $0 != " " } == "deflate"
        }
    }
}

/// Why the web side cannot begin.
public struct ConsoleError: Error, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
