import Documents
import Testing
import WorkOrders

@Suite struct OrderLibraryTests {
    @Test func whatIsShippedIsSound() throws {
        do {
            let library = try OrderLibrary.decode(Shipped.files(), profiles: Shipped.profiles())
            // Every category has one life, and one only.
            for category in OrderCategory.allCases.map(\.rawValue) {
                #expect(library.lives.values.filter { $0.categories.contains(category) }.count == 1, "\(category)")
            }
        } catch let errors as DocumentErrors {
            Issue.record("\(errors)")
        }
    }
}
