/// What the closure of a `run` may know about its own execution.
public enum RunAttempt {
    /// Which execution of this step it is: 1, and one more for each failure that was recorded, over restarts too. An
    /// execution that a crash cuts short is repeated under its number.
    @TaskLocal public static var number = 1
}
