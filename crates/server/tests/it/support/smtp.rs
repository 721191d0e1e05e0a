//! A mail server on loopback that speaks SMTP (RFC 5321) as far as the shop does.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What it does with a recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// 250, and the mail is kept.
    Welcome,
    /// 451: later.
    Later,
    /// 550: there is no such mailbox.
    NoMailbox,
    /// 535, to the whole connection: the password is wrong.
    WrongPassword,
    /// The line is cut where the answer should come.
    Nothing,
}

type Answer = Box<dyn Fn(&str) -> Says + Send>;

/// A mail that arrived.
#[derive(Clone, Debug)]
pub(crate) struct Arrived {
    pub(crate) from: String,
    pub(crate) to: String,
    /// Headers and body, as they came.
    pub(crate) data: String,
}

#[derive(Clone)]
pub(crate) struct SmtpServer {
    port: u16,
    says: Arc<Mutex<Answer>>,
    arrived: Arc<Mutex<Vec<Arrived>>>,
    asked: Arc<Mutex<u32>>,
}

impl SmtpServer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let server = Self {
            port: listener.local_addr().expect("an address").port(),
            says: Arc::new(Mutex::new(Box::new(|_| Says::Welcome))),
            arrived: Arc::default(),
            asked: Arc::default(),
        };
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                let talking = serving.clone();
                tokio::spawn(async move {
                    // A line that is cut ends the talk.
                    let _ = talking.talk(line).await;
                });
            }
        });
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// From here on it does so.
    pub(crate) fn say(&self, says: impl Fn(&str) -> Says + Send + 'static) {
        *self.says.lock().unwrap() = Box::new(says);
    }

    /// What arrived since this was last asked.
    pub(crate) fn arrived(&self) -> Vec<Arrived> {
        std::mem::take(&mut *self.arrived.lock().unwrap())
    }

    /// How many recipients it was asked about since this was last asked.
    pub(crate) fn asked(&self) -> u32 {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    async fn talk(&self, line: TcpStream) -> std::io::Result<()> {
        let (reader, mut writer) = line.into_split();
        let mut lines = BufReader::new(reader).lines();
        let (mut from, mut to) = (String::new(), String::new());
        writer.write_all(b"220 mail.test ESMTP\r\n").await?;
        while let Some(command) = lines.next_line().await? {
            let verb = command.get(..4).unwrap_or_default().to_ascii_uppercase();
            let inside = || command.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
            let answer = match verb.as_str() {
                "EHLO" => "250-mail.test\r\n250-8BITMIME\r\n250 SMTPUTF8",
                "MAIL" => {
                    from = inside();
                    "250 ok"
                }
                "RCPT" => {
                    to = inside();
                    *self.asked.lock().unwrap() += 1;
                    let says = (self.says.lock().unwrap())(&to);
                    match says {
                        Says::Welcome => "250 ok",
                        Says::Later => "451 4.7.1 greylisted, come back later",
                        Says::NoMailbox => "550 5.1.1 no such mailbox here",
                        Says::WrongPassword => "535 5.7.8 authentication failed",
                        Says::Nothing => return Ok(()),
                    }
                }
                "DATA" => {
                    writer.write_all(b"354 go on\r\n").await?;
                    let mut data = String::new();
                    while let Some(text) = lines.next_line().await?.filter(|text| text != ".") {
                        data.push_str(text.strip_prefix('.').unwrap_or(&text));
                        data.push('\n');
                    }
                    self.arrived.lock().unwrap().push(Arrived { from: from.clone(), to: to.clone(), data });
                    "250 queued"
                }
                "QUIT" => {
                    writer.write_all(b"221 bye\r\n").await?;
                    return Ok(());
                }
                _ => "250 ok",
            };
            writer.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
        Ok(())
    }
}
