//! How errors of the engine are told: as failures, with their exit codes and the way out.

use guichet::{EngineError, OpenError, PublishError};
use guichet_terminal::context::Failure;

/// An error that a command ends with.
pub(crate) trait Tell {
    /// What people and programs are told of it.
    fn tell(self) -> Failure;
}

/// An answer, or what is told of the error: so that `?` does after `told()` what it does where an error turns into a
/// failure by itself. It cannot here, since the error and the failure come from other crates.
pub(crate) trait Told<T> {
    /// The answer; the failure that the error is told as.
    fn told(self) -> Result<T, Failure>;
}

impl<T, E: Tell> Told<T> for Result<T, E> {
    fn told(self) -> Result<T, Failure> {
        self.map_err(Tell::tell)
    }
}

impl Tell for EngineError {
    fn tell(self) -> Failure {
        let code = self.code();
        let message = self.to_string();
        if let Self::Read(_) | Self::Decode(_) = self {
            Failure::integrity(code, message)
                .help("run `guichet doctor --full --data DIR`: it names every damaged place")
                .zh(
                    "日志无法读取",
                    Some("运行 `guichet doctor --full --data DIR`，逐处列出损坏"),
                )
        } else {
            Failure::store(code, message)
        }
    }
}

impl Tell for OpenError {
    fn tell(self) -> Failure {
        crate::data::open_failure(&self)
    }
}

impl Tell for PublishError {
    fn tell(self) -> Failure {
        if let Self::Engine(error) = self {
            return error.tell();
        }
        Failure::config(
            "catalogue_refused",
            "the catalogue was not published; nothing of it was",
        )
        .zh("目录未发布，未作任何改动", None)
        .because_of(&self)
    }
}
