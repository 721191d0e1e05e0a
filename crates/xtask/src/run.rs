//! `cargo xtask run`: a demo shop on this machine, from a fresh clone to an address to open.
//!
//! The demo lives in `var/demo` and survives restarts. The server takes this
//! process's place at the end, so that Ctrl-C and signals reach it directly; a second
//! copy of this tool waits until the server is ready and then says where to go.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use xshell::{Shell, cmd};

use crate::tools;

const DATA: &str = "var/demo";
/// Stands in the data folder once the demo data is in completely.
const LOADED: &str = "var/demo/demo-loaded";
const STAFF: &str = "demo/staff.csv";

pub(crate) fn run(sh: &Shell, args: &[String]) -> Result<()> {
    let mut args = args.to_vec();
    let port: u16 = match tools::take_value(&mut args, "--port")? {
        Some(text) => text.parse().with_context(|| format!("`{text}` is not a port"))?,
        None => 8080,
    };
    let fresh = tools::take_flag(&mut args, "--fresh");
    tools::nothing_left(&args)?;
    if TcpStream::connect(("127.0.0.1", port)).is_ok() {
        bail!("port {port} is taken; choose another: cargo xtask run --port 8081");
    }

    tools::console_bundle(sh)?;
    cmd!(sh, "cargo build --package zhanggui --bin zhanggui").run()?;

    let binary = tools::binary();
    if fresh || !sh.path_exists(LOADED) {
        // A load that was broken off is begun again from nothing.
        sh.remove_path(DATA)?;
        sh.create_dir(DATA)?;
        let mut load = cmd!(sh, "{binary} demo --dir demo");
        for (name, value) in settings(port) {
            load = load.env(name, value);
        }
        load.run()?;
        sh.write_file(LOADED, "")?;
    }

    Command::new(std::env::current_exe()?)
        .args(["announce", "--port", &port.to_string()])
        .current_dir(tools::root())
        .stdin(Stdio::null())
        .spawn()?;
    let mut serve = Command::new(&binary);
    serve.arg("serve").current_dir(tools::root()).envs(settings(port));
    become_server(&mut serve)
}

/// The demo's configuration, as environment.
fn settings(port: u16) -> [(&'static str, String); 6] {
    let listen = format!("[\"127.0.0.1:{port}\", \"[::1]:{port}\"]");
    [
        ("ZHANGGUI__DATA_DIR", DATA.to_owned()),
        ("ZHANGGUI__SHOP__NAME", "掌柜杂货 Zhanggui General Store".to_owned()),
        ("ZHANGGUI__SHOP__BASE_URL", format!("http://127.0.0.1:{port}")),
        ("ZHANGGUI__LISTEN__STORE", listen.clone()),
        ("ZHANGGUI__LISTEN__ADMIN", listen.clone()),
        ("ZHANGGUI__LISTEN__OPS", listen),
    ]
}

#[cfg(unix)]
fn become_server(serve: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    Err(serve.exec()).context("starting the server")
}

#[cfg(not(unix))]
fn become_server(serve: &mut Command) -> Result<()> {
    let status = serve.status().context("starting the server")?;
    if status.success() { Ok(()) } else { bail!("the server ended with {status}") }
}

/// Waits until the server is ready, then prints where to go and how to sign in.
pub(crate) fn announce(args: &[String]) -> Result<()> {
    let mut args = args.to_vec();
    let port: u16 = tools::take_value(&mut args, "--port")?.context("--port is missing")?.parse()?;
    for _ in 0..600 {
        if ready(port).unwrap_or(false) {
            let staff = std::fs::read_to_string(tools::root().join(STAFF)).with_context(|| format!("reading {STAFF}"))?;
            let (email, password) = sign_in(&staff).with_context(|| format!("no sign-in in {STAFF}"))?;
            println!(
                "\n  Zhanggui is ready (Ctrl-C stops it)\n\n  \
                 console     http://127.0.0.1:{port}/admin   {email} / {password}\n  \
                 storefront  http://127.0.0.1:{port}/\n"
            );
            return Ok(());
        }
        tools::pause();
    }
    bail!("the server did not become ready within a minute")
}

fn ready(port: u16) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    write!(stream, "GET /readyz HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(64).read_to_string(&mut answer)?;
    Ok(answer.starts_with("HTTP/1.1 200"))
}

/// E-mail and password of the first row: the columns are found by name.
fn sign_in(csv: &str) -> Option<(&str, &str)> {
    let mut lines = csv.lines();
    let head: Vec<&str> = lines.next()?.split(',').collect();
    let row: Vec<&str> = lines.next()?.split(',').collect();
    let column = |name: &str| row.get(head.iter().position(|&title| title == name)?).copied();
    Some((column("email")?, column("password")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_row_signs_in() {
        let csv = "name,email,password\n掌柜,a@b.example,secret\nx,c@d.example,other\n";
        assert_eq!(sign_in(csv), Some(("a@b.example", "secret")));
        assert_eq!(sign_in("name,email\nx,y\n"), None);
    }
}
