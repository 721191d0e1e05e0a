//! The binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    match zhanggui::cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "a command says what went wrong")]
fn tell(text: &str) {
    eprintln!("zhanggui: {text}");
}
