//! The `guichet-audit` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    guichet_audit::args::main(std::env::args_os())
}
