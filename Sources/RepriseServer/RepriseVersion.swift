/// What this build calls itself.
public enum RepriseVersion {
    public static let text = "0.1.0"
}
