//! Scratch.
use clap::Parser;
#[derive(Parser)]
struct Cli { #[command(flatten)] demo: guichet_cli::demo::DemoArgs, #[arg(long)] json: bool, #[arg(long)] zh: bool }
#[tokio::main]
async fn main() -> std::process::ExitCode {
    let cli = Cli::parse();
    let mut context = guichet_cli::context::Context { json: cli.json, ..Default::default() };
    if cli.zh { context.lang = guichet_cli::context::Lang::Zh; }
    match guichet_cli::demo::run(&cli.demo, &context).await {
        Ok(exit) => exit.code().into(),
        Err(failure) => { failure.print(&context); failure.code.into() }
    }
}
