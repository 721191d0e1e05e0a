//! What the commands need from this machine, found or installed.
//!
//! Only Debian's packages are installed by name, and only as root; on any other
//! system the message says what is missing.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use xshell::{Shell, cmd};

/// The repository's top folder.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// An environment variable that overrides a default of this tool.
pub(crate) fn setting(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Takes `--name value` or `--name=value` out of `args`.
pub(crate) fn take_value(args: &mut Vec<String>, name: &str) -> Result<Option<String>> {
    let prefix = format!("{name}=");
    if let Some(at) = args.iter().position(|arg| arg.starts_with(&prefix)) {
        return Ok(args.remove(at).strip_prefix(&prefix).map(str::to_owned));
    }
    let Some(at) = args.iter().position(|arg| arg == name) else {
        return Ok(None);
    };
    args.remove(at);
    if at < args.len() { Ok(Some(args.remove(at))) } else { bail!("{name} needs a value") }
}

/// Takes `--name` out of `args`.
pub(crate) fn take_flag(args: &mut Vec<String>, name: &str) -> bool {
    let before = args.len();
    args.retain(|arg| arg != name);
    args.len() < before
}

/// Refuses what no option took.
pub(crate) fn nothing_left(args: &[String]) -> Result<()> {
    match args.first() {
        None => Ok(()),
        Some(arg) => bail!("unexpected argument `{arg}`; see cargo xtask help"),
    }
}

/// Where cargo puts what it builds in the dev profile.
pub(crate) fn binary() -> PathBuf {
    let target = setting("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir));
    target.join("debug").join("zhanggui")
}

/// Is this program on the path?
pub(crate) fn found(sh: &Shell, program: &str) -> bool {
    cmd!(sh, "which {program}").quiet().ignore_stdout().ignore_stderr().run().is_ok()
}

/// Installs Debian packages, or says that they are wanted.
pub(crate) fn apt_install(sh: &Shell, packages: &[&str]) -> Result<()> {
    let wanted = packages.join(" ");
    let is_root = cmd!(sh, "id -u").quiet().read().is_ok_and(|id| id == "0");
    if !is_root || !found(sh, "apt-get") {
        bail!("please install these first (Debian's names): {wanted}");
    }
    let wait = "DPkg::Lock::Timeout=300";
    cmd!(sh, "apt-get -q -o {wait} update").run()?;
    cmd!(sh, "apt-get -q -o {wait} install -y --no-install-recommends {packages...}")
        .env("DEBIAN_FRONTEND", "noninteractive")
        .run()
        .with_context(|| format!("installing {wanted}"))
}

/// Chromium with a Chinese font, for the browser tests.
pub(crate) fn chromium(sh: &Shell) -> Result<PathBuf> {
    if let Some(path) = setting("CHROMIUM") {
        return Ok(path.into());
    }
    let path = PathBuf::from("/usr/bin/chromium");
    let font = Path::new("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc");
    if !path.exists() || !font.exists() {
        apt_install(sh, &["chromium", "fonts-noto-cjk"])?;
    }
    Ok(path)
}

/// The test runner.
pub(crate) fn nextest(sh: &Shell) -> Result<()> {
    if cmd!(sh, "cargo nextest --version").quiet().ignore_stdout().ignore_stderr().run().is_err() {
        cmd!(sh, "cargo install cargo-nextest --locked").run()?;
    }
    Ok(())
}

/// The console's packages, installed anew when the lock file is newer than they are.
pub(crate) fn console_packages(sh: &Shell) -> Result<()> {
    if !found(sh, "npm") {
        apt_install(sh, &["nodejs", "npm"])?;
    }
    let console = root().join("console");
    let done = changed(&console.join("node_modules/.package-lock.json"));
    let wanted = changed(&console.join("package-lock.json"));
    if done.is_none() || done < wanted {
        let _dir = sh.push_dir(&console);
        cmd!(sh, "npm ci --no-audit --no-fund").run()?;
    }
    Ok(())
}

/// The console's bundle, built when a source is newer than it.
pub(crate) fn console_bundle(sh: &Shell) -> Result<()> {
    console_packages(sh)?;
    let console = root().join("console");
    let built = changed(&console.join("dist/index.html"));
    let sources =
        ["src", "public", "index.html", "package-lock.json", "vite.config.ts"].iter().filter_map(|name| newest(&console.join(name))).max();
    if built.is_none() || built < sources {
        let _dir = sh.push_dir(&console);
        cmd!(sh, "npm run build").run()?;
    }
    Ok(())
}

/// When a file was last written; `None` if there is none.
fn changed(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|meta| meta.modified()).ok()
}

/// The latest change below a folder, or of a file.
fn newest(path: &Path) -> Option<SystemTime> {
    let Ok(entries) = path.read_dir() else {
        return changed(path);
    };
    entries.flatten().filter_map(|entry| newest(&entry.path())).max()
}

const POSTGRES: &str = "postgres://postgres@127.0.0.1:5432/postgres";
const OWN_POSTGRES: &str = "postgres://postgres@127.0.0.1:54320/postgres";

/// A PostgreSQL in which tests may make and drop databases, as a URL.
///
/// `ZG_TEST_POSTGRES` names one. Otherwise one that trusts us on the usual port is
/// taken, else a cluster of our own is made beside whatever the system runs.
pub(crate) fn postgres(sh: &Shell) -> Result<String> {
    if let Some(url) = setting("ZG_TEST_POSTGRES") {
        let url = url.into_string().ok().context("ZG_TEST_POSTGRES is not UTF-8")?;
        if answers(sh, &url) {
            return Ok(url);
        }
        bail!("no PostgreSQL answers at ZG_TEST_POSTGRES={url}");
    }
    for url in [POSTGRES, OWN_POSTGRES] {
        if answers(sh, url) {
            return Ok(url.to_owned());
        }
    }
    if !found(sh, "pg_createcluster") || !found(sh, "psql") {
        apt_install(sh, &["postgresql"])
            .context("the tests need a PostgreSQL: set ZG_TEST_POSTGRES to the URL of one whose user may create databases")?;
    }
    let clusters = cmd!(sh, "pg_lsclusters --no-header").quiet().read()?;
    let ours = clusters.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        let version = words.next()?;
        (words.next() == Some("zhanggui")).then(|| version.to_owned())
    });
    let version = match ours {
        Some(version) => version,
        None => make_cluster(sh)?,
    };
    cmd!(sh, "pg_ctlcluster {version} zhanggui start").run()?;
    for _ in 0..100 {
        if answers(sh, OWN_POSTGRES) {
            return Ok(OWN_POSTGRES.to_owned());
        }
        pause();
    }
    bail!("the test cluster was started but does not answer at {OWN_POSTGRES}; see pg_lsclusters")
}

/// A cluster that listens on loopback alone and is thrown away, so it need not wait for the disk.
fn make_cluster(sh: &Shell) -> Result<String> {
    let mut versions: Vec<u32> =
        sh.read_dir("/usr/lib/postgresql")?.iter().filter_map(|path| path.file_name()?.to_str()?.parse().ok()).collect();
    versions.sort_unstable();
    let version = versions.last().context("no PostgreSQL server is installed")?.to_string();
    let options = ["fsync=off", "full_page_writes=off", "max_connections=300"].iter().flat_map(|option| ["--pgoption", option]);
    cmd!(sh, "pg_createcluster {version} zhanggui --port 54320 --start-conf manual {options...} -- --auth=trust").run()?;
    Ok(version)
}

fn answers(sh: &Shell, url: &str) -> bool {
    cmd!(sh, "psql {url} -Atqc 'select 1'").env("PGCONNECT_TIMEOUT", "3").quiet().ignore_stdout().ignore_stderr().run().is_ok()
}

/// A Python with the Celery against which the task queue is tested, in `target/`.
pub(crate) fn python(sh: &Shell) -> Result<PathBuf> {
    if let Some(path) = setting("ZG_TEST_PYTHON") {
        return Ok(path.into());
    }
    let place = root().join("target/python");
    let (python, done) = (place.join("bin/python"), place.join("requirements.txt"));
    let wanted = root().join("crates/celery/tests/python/requirements.txt");
    if sh.read_file(&done).ok() != Some(sh.read_file(&wanted)?) {
        if cmd!(sh, "python3 -m venv {place}").quiet().ignore_stdout().ignore_stderr().run().is_err() {
            apt_install(sh, &["python3", "python3-venv"])?;
            cmd!(sh, "python3 -m venv {place}").run()?;
        }
        cmd!(sh, "{python} -m pip install --quiet --disable-pip-version-check --requirement {wanted}").run()?;
        sh.copy_file(&wanted, &done)?;
    }
    Ok(python)
}

/// The programs of Redis, of which tests start servers of their own.
pub(crate) fn redis(sh: &Shell) -> Result<()> {
    if found(sh, "redis-server") && found(sh, "redis-cli") { Ok(()) } else { apt_install(sh, &["redis-server", "redis-tools"]) }
}

const RABBITMQ: &str = "amqp://guest:guest@127.0.0.1:5672";

/// A RabbitMQ in which tests may make queues, as a URL.
///
/// `ZG_TEST_RABBITMQ` names one. Otherwise whatever answers on the usual port is taken, else Debian's
/// is installed and started.
pub(crate) fn rabbitmq(sh: &Shell) -> Result<String> {
    if let Some(url) = setting("ZG_TEST_RABBITMQ") {
        return url.into_string().ok().context("ZG_TEST_RABBITMQ is not UTF-8");
    }
    let listens = || std::net::TcpStream::connect(("127.0.0.1", 5672)).is_ok();
    if listens() {
        return Ok(RABBITMQ.to_owned());
    }
    if !found(sh, "rabbitmq-server") {
        apt_install(sh, &["rabbitmq-server"]).context("the tests need a RabbitMQ: set ZG_TEST_RABBITMQ to the URL of one")?;
    }
    // Installing starts it where there is a service manager; where there is none, this does.
    if !listens() {
        cmd!(sh, "rabbitmq-server -detached").run()?;
    }
    for _ in 0..600 {
        if listens() {
            return Ok(RABBITMQ.to_owned());
        }
        pause();
    }
    bail!("RabbitMQ was started but does not listen on port 5672; see /var/log/rabbitmq")
}

/// A short wait between two looks at something that is starting.
pub(crate) fn pause() {
    std::thread::sleep(std::time::Duration::from_millis(100));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(words: &[&str]) -> Vec<String> {
        words.iter().map(|&word| word.to_owned()).collect()
    }

    #[test]
    fn a_value_is_taken_in_both_spellings() {
        let mut apart = args(&["a", "--port", "81", "b"]);
        assert_eq!(take_value(&mut apart, "--port").unwrap().as_deref(), Some("81"));
        assert_eq!(apart, args(&["a", "b"]));
        let mut joined = args(&["--port=82"]);
        assert_eq!(take_value(&mut joined, "--port").unwrap().as_deref(), Some("82"));
        assert_eq!(take_value(&mut joined, "--port").unwrap(), None);
        assert!(take_value(&mut args(&["--port"]), "--port").is_err());
    }

    #[test]
    fn the_root_holds_the_workspace() {
        assert!(root().join("crates/xtask").is_dir());
    }
}
