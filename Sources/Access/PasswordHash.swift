import CSodium

/// Passwords as Argon2id (RFC 9106) makes them unreadable, by libsodium, in its textual form with salt and parameters.
enum PasswordHash {
    /// 64 MiB and two passes: what libsodium names interactive, a tenth of a second here.
    private static let passes = UInt64(crypto_pwhash_argon2id_opslimit_interactive())
    private static let memory = crypto_pwhash_argon2id_memlimit_interactive()
    /// -1 where the library cannot be used; initialised once a process.
    private static let library = sodium_init()

    /// Hashes a password with a salt of its own. Blocks, and takes 64 MiB meanwhile.
    /// - Throws: `AccessError` `.busy` where there is no memory for it.
    static func make(_ password: String) throws(AccessError) -> String {
        guard library >= 0 else { throw AccessError(.busy, "the library for passwords cannot be used") }
        var text = [CChar](repeating: 0, count: Int(crypto_pwhash_strbytes()))
        let bytes = password.utf8.map { CChar(bitPattern: $0) }
        guard
            crypto_pwhash_str_alg(
                &text, bytes, UInt64(bytes.count), passes, memory, crypto_pwhash_alg_argon2id13()) == 0
        else { throw AccessError(.busy, "there is no memory to look at passwords: try again") }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether a password is the one hashed. Blocks as `make`.
    static func fits(_ password: String, _ hash: String) -> Bool {
        guard library >= 0 else { return false }
        let bytes = password.utf8.map { CChar(bitPattern: $0) }
        // The library reads a field of fixed size.
        var text = hash.utf8.map { CChar(bitPattern: $0) }
        guard text.count < Int(crypto_pwhash_strbytes()) else { return false }
        text += [CChar](repeating: 0, count: Int(crypto_pwhash_strbytes()) - text.count)
        return crypto_pwhash_str_verify(text, bytes, UInt64(bytes.count)) == 0
    }

    /// What is wrong with a password to be set; nil where it may be.
    static func complaint(about password: String, of name: String) -> String? {
        if password.unicodeScalars.count < 10 { return "a password has 10 characters at least" }
        if password.utf8.count > 256 { return "a password has 256 bytes at most" }
        if password.lowercased().contains(name.lowercased()) { return "a password does not hold the name" }
        if Set(password).count < 5 { return "a password has 5 different characters at least" }
        return nil
    }
}
