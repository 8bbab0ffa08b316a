//! The program: reads what it is told, does it, and says by its exit code how it ended.

use std::process::ExitCode;
use tomos::cli;
use tomos::config::Config;
use tomos::telemetry;

fn main() -> ExitCode {
    let outcome = Config::read().and_then(|config| {
        telemetry::start(&config.log)?;
        cli::run(&config)
    });
    outcome.unwrap_or_else(|error| cli::explain(&error)).into()
}
