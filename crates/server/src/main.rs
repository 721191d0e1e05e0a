//! The binary.

use std::process::ExitCode;

use zhanggui::cli::{Usage, run};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&format!("{error:#}"));
            if error.is::<Usage>() { ExitCode::from(2) } else { ExitCode::FAILURE }
        }
    }
}

#[expect(clippy::print_stderr, reason = "a command says what went wrong")]
fn tell(text: &str) {
    eprintln!("zhanggui: {text}");
}
