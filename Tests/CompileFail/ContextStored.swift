// error: static property 'context' is not concurrency-safe
import Reprise

enum Leak {
    static var context: ServiceContext?
}
