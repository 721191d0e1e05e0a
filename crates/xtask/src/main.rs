//! Everything a person does with this repository besides building it.
//!
//! One file a command. A command says what it runs before it runs it, and what it
//! lacks on this machine it installs or explains. Nothing here is part of the shop:
//! the binary is driven through its own subcommands, never linked.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool speaks on its streams")]

mod deny;
mod generate;
mod run;
mod test;
mod tidy;
mod tools;

use std::process::ExitCode;

use anyhow::{Result, bail};
use xshell::Shell;

const HELP: &str = "\
cargo xtask COMMAND

  run [--port 8080] [--fresh]   start the demo shop; --fresh loads the demo data anew
  test [FILTER] [--only PART]…  run all tests; PART is one of: rust, sqlite, postgres, console, browser
  tidy [--write]                check what the compiler cannot; --write drops mended entries from tests/*.txt
  generate [--check] [--built]  write the generated files, or compare them; --built takes the binary that is there
  deny                          check licences, sources and banned crates
";

fn main() -> ExitCode {
    match dispatch() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let command = args.next().unwrap_or_default();
    let args: Vec<String> = args.collect();
    let sh = Shell::new()?;
    sh.change_dir(tools::root());
    match command.as_str() {
        "run" => run::run(&sh, &args),
        "announce" => run::announce(&args),
        "test" => test::test(&sh, &args),
        "tidy" => tidy::tidy(&sh, &args),
        "generate" => generate::generate(&sh, &args),
        "deny" => deny::deny(&sh),
        "" | "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        other => bail!("unknown command `{other}`\n\n{HELP}"),
    }
}
