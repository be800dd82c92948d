//! The `guichet` binary.

use std::process::ExitCode;

/// Many small values are made on one thread and freed on another; the allocator of the GNU C library has both wait for a lock.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    guichet_cli::cli::main(std::env::args_os())
}
