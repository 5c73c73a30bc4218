struct BulkRows {
    let folder: String
    let calls: Int
    let orders: Int
    func make() throws {}
}
