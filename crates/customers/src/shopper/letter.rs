//! The mails about an account.

use zg_base::Tx;
use zg_base::mail::Letter;
use zg_domain::Locale;

use crate::Error;

/// What a mail says, in one language.
struct Text {
    subject: &'static str,
    paragraphs: [&'static str; 2],
    button: &'static str,
}

/// A mail about an account.
#[derive(Clone, Copy)]
pub(super) enum About<'a> {
    /// Finish registering by this token.
    Confirm(&'a str),
    /// Choose a new password by this token.
    Reset(&'a str),
    /// Somebody tried to register an address that has an account.
    Known,
}

impl About<'_> {
    /// Does its link open the account for whoever has it?
    const fn opens(self) -> bool {
        matches!(self, Self::Confirm(_) | Self::Reset(_))
    }

    fn template(self) -> &'static str {
        match self {
            Self::Confirm(_) => "account_confirm",
            Self::Reset(_) => "account_reset",
            Self::Known => "account_known",
        }
    }

    /// Below the shop's address and the language.
    fn path(self) -> String {
        match self {
            Self::Confirm(token) => format!("account/confirm?token={token}"),
            Self::Reset(token) => format!("account/reset?token={token}"),
            Self::Known => "account/sign-in".to_owned(),
        }
    }

    fn text(self, locale: Locale) -> Text {
        match (self, locale) {
            (Self::Confirm(_), Locale::ZhCn) => Text {
                subject: "请确认您的邮箱",
                paragraphs: ["点击下面的按钮完成注册。链接 24 小时内有效，只能使用一次。", "如果不是您本人注册，请忽略这封邮件。"],
                button: "完成注册",
            },
            (Self::Confirm(_), Locale::En) => Text {
                subject: "Confirm your e-mail address",
                paragraphs: [
                    "Press the button to finish registering. The link works once, within 24 hours.",
                    "If it was not you who registered, ignore this mail.",
                ],
                button: "Finish registering",
            },
            (Self::Reset(_), Locale::ZhCn) => Text {
                subject: "重设密码",
                paragraphs: [
                    "点击下面的按钮设置新密码。链接 1 小时内有效，只能使用一次。",
                    "如果不是您本人操作，请忽略这封邮件，密码不会改变。",
                ],
                button: "设置新密码",
            },
            (Self::Reset(_), Locale::En) => Text {
                subject: "Choose a new password",
                paragraphs: [
                    "Press the button to choose a new password. The link works once, within an hour.",
                    "If it was not you who asked, ignore this mail: your password stays as it is.",
                ],
                button: "Choose a new password",
            },
            (Self::Known, Locale::ZhCn) => Text {
                subject: "您已有账户",
                paragraphs: [
                    "有人用这个邮箱注册，而您已经有账户。请直接登录；忘记密码可在登录页重设。",
                    "如果不是您本人操作，请忽略这封邮件。",
                ],
                button: "去登录",
            },
            (Self::Known, Locale::En) => Text {
                subject: "You have an account already",
                paragraphs: [
                    "Somebody registered with this address, which has an account. Sign in; a forgotten password can be reset there.",
                    "If it was not you, ignore this mail.",
                ],
                button: "Sign in",
            },
        }
    }
}

/// Queues a mail about an account.
pub(super) async fn send(tx: &Tx, about: About<'_>, to: &str, locale: Locale, customer_id: Option<i64>) -> Result<(), Error> {
    let shop = tx.app().shop();
    let text = about.text(locale);
    let url = format!("{}/{}/{}", shop.base_url, locale.tag(), about.path());
    let letter = Letter {
        to: to.to_owned(),
        locale,
        template: about.template(),
        subject: match locale {
            Locale::ZhCn => format!("{}：{}", shop.name, text.subject),
            Locale::En => format!("{}: {}", shop.name, text.subject),
        },
        paragraphs: text.paragraphs.map(str::to_owned).to_vec(),
        rows: Vec::new(),
        button: Some((text.button.to_owned(), url)),
        customer_id,
        order_id: None,
        secret: about.opens(),
    };
    tx.mail(&letter).await?;
    Ok(())
}
