//! The `guichet` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    guichet_cli::cli::main(std::env::args_os())
}
