import Console

extension EffectiveConfiguration {
    /// Every key with its value in force, as people may see it, in the table's order.
    var views: [SettingView] {
        Setting.all.compactMap { setting in
            entries[setting.key].map { SettingView(key: setting.key, value: $0.value.shown, origin: $0.origin) }
        }
    }
}

extension EffectiveConfiguration.Value {
    fileprivate var shown: SettingView.Value {
        switch self {
        case .list(let items): .list(items)
        case .texts(let texts): .records([texts])
        case .records(let records): .records(records)
        case .text, .integer, .duration, .boolean: .text(description)
        }
    }
}
