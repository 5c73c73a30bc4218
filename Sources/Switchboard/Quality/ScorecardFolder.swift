import Documents
import Foundation
import Norms
import Quality

/// The scorecards of a folder of norms: `scorecards/*.yaml` in it.
public enum ScorecardFolder {
    /// Every scorecard, sorted by id; none where there is no such folder.
    /// - Throws: `DocumentErrors` with everything wrong with the first file that is refused; what reading the folder throws.
    public static func read(_ norms: NormFolder, profiles: [NormProfile]) throws -> [Scorecard] {
        let folder = "\(norms.path)/scorecards"
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".yaml") }
        return try names.sorted().map { name in
            let path = "\(folder)/\(name)"
            let scorecard = try Scorecard.decode(
                try NormFolder.text(path, "Mend or remove the scorecard"), file: path, profiles: profiles)
            guard "\(scorecard.id).yaml" == name else {
                throw DocumentErrors([
                    DocumentError(
                        .badValue, file: path, line: 1, column: 1,
                        message: "the id is \"\(scorecard.id)\", the file's name \(name)",
                        advice: "Let both be the same: a scorecard is asked for by its id")
                ])
            }
            return scorecard
        }
    }
}
