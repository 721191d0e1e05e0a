//! What a mail says, as plain text and as HTML.

use chrono::{DateTime, Utc};
use sea_orm::Set;
use zg_db::entity::mail as row;
use zg_domain::Locale;

use super::State;

/// A mail of one shape: a heading, paragraphs, rows of a table, a button.
/// It is rendered as plain text and as HTML, in which every text is escaped.
#[derive(Clone, Debug)]
pub struct Letter {
    /// To which address.
    pub to: String,
    /// In which language it is written.
    pub locale: Locale,
    /// Its kind, `order_placed`, by which the monitor filters.
    pub template: &'static str,
    /// The subject.
    pub subject: String,
    /// Paragraphs, in order.
    pub paragraphs: Vec<String>,
    /// Rows of two cells: what, and how much.
    pub rows: Vec<(String, String)>,
    /// A button: its text and where it leads.
    pub button: Option<(String, String)>,
    /// The customer it goes to.
    pub customer_id: Option<i64>,
    /// The order it is about.
    pub order_id: Option<i64>,
    /// It opens something for its reader alone, such as an account: staff never see what it
    /// says, and the shop forgets that once it has left.
    pub secret: bool,
}

impl Letter {
    /// The mail as plain text.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for paragraph in &self.paragraphs {
            out.push_str(paragraph);
            out.push_str("\n\n");
        }
        for (what, much) in &self.rows {
            out.push_str(&format!("{what}    {much}\n"));
        }
        if let Some((label, url)) = &self.button {
            out.push_str(&format!("\n{label}: {url}\n"));
        }
        out
    }

    /// The mail as HTML.
    pub fn html(&self) -> String {
        let mut out = format!(
            "<!doctype html><html lang=\"{}\"><body style=\"margin:0;padding:24px;background:#f5f6f6;font:15px/1.6 -apple-system,'PingFang SC','Noto Sans CJK SC','Microsoft YaHei',sans-serif;color:#1c2524\"><div style=\"max-width:560px;margin:auto;background:#fff;border-radius:8px;padding:28px\"><h1 style=\"font-size:18px;margin:0 0 16px\">{}</h1>",
            self.locale.tag(),
            escape(&self.subject)
        );
        for paragraph in &self.paragraphs {
            out.push_str(&format!("<p>{}</p>", escape(paragraph)));
        }
        if !self.rows.is_empty() {
            out.push_str("<table style=\"width:100%;border-collapse:collapse\">");
            for (what, much) in &self.rows {
                out.push_str(&format!(
                    "<tr><td style=\"padding:6px 0;border-top:1px solid #e6eaea\">{}</td><td style=\"padding:6px 0;border-top:1px solid #e6eaea;text-align:right\">{}</td></tr>",
                    escape(what),
                    escape(much)
                ));
            }
            out.push_str("</table>");
        }
        if let Some((label, url)) = &self.button {
            out.push_str(&format!(
                "<p style=\"margin-top:24px\"><a href=\"{}\" style=\"background:#0f6b62;color:#fff;padding:10px 18px;border-radius:6px;text-decoration:none\">{}</a></p>",
                escape(url),
                escape(label)
            ));
        }
        out.push_str("</div></body></html>");
        out
    }

    pub(crate) fn row(&self, now: DateTime<Utc>) -> row::ActiveModel {
        row::ActiveModel {
            to_address: Set(self.to.clone()),
            to_name: Set(None),
            locale: Set(self.locale.tag().to_owned()),
            template: Set(self.template.to_owned()),
            subject: Set(self.subject.clone()),
            text: Set(self.text()),
            html: Set(self.html()),
            state: Set(State::Queued.as_str().to_owned()),
            attempts: Set(0),
            created_at: Set(now),
            customer_id: Set(self.customer_id),
            order_id: Set(self.order_id),
            secret: Set(self.secret),
            ..Default::default()
        }
    }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p6_a_mail_escapes_what_people_wrote() {
        let letter = Letter {
            to: "a@example.com".into(),
            locale: Locale::ZhCn,
            template: "test",
            subject: "<b>你好</b>".into(),
            paragraphs: vec!["<script>alert(1)</script>".into()],
            rows: vec![("茶 & 杯".into(), "¥1.00".into())],
            button: Some(("看".into(), "https://x/?a=1&b=\"".into())),
            customer_id: None,
            order_id: None,
            secret: false,
        };
        let html = letter.html();
        assert!(!html.contains("<script>"));
        assert!(html.contains("茶 &amp; 杯"));
        assert!(html.contains("a=1&amp;b=&quot;"));
        assert!(letter.text().contains("<script>alert(1)</script>"));
    }
}
