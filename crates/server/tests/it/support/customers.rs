//! Customers and shoppers.

use serde_json::{Value, json};
use zg_base::Actor;
use zg_customers::shopper::{self, Registration};
use zg_domain::Locale;

use super::{Client, TestApp};

/// What every shopper of a test signs in with.
pub(crate) const PASSWORD: &str = "correct horse";

impl TestApp {
    /// A customer that staff entered: the answer's body.
    pub(crate) async fn customer(&self, fields: Value) -> Value {
        self.staff(&["customers.write"]).await.post("/admin/customers", fields).await.expect(201).json
    }

    /// A shopper with an account under this address, signed in.
    pub(crate) async fn shopper(&self, email: &str) -> Client {
        let password = shopper::hashed(PASSWORD.to_owned()).await.expect("a password");
        let tx = self.app.begin(&Actor::system("test")).await.expect("a transaction");
        let name = email.split('@').next().unwrap_or_default().to_owned();
        let wanted = Registration { name, email: email.to_owned(), password, locale: Locale::En, marketing: false };
        shopper::register(&tx, &wanted).await.expect("a registration");
        tx.commit().await.expect("a commit");
        let mails = self.mails().await;
        let token = token_of(&mails.last().expect("a mail").text);
        let tx = self.app.begin(&Actor::system("test")).await.expect("a transaction");
        let id = shopper::confirm(&tx, &token).await.expect("an account");
        let signed_in = shopper::open(&tx, id, "test").await.expect("a session");
        tx.commit().await.expect("a commit");
        Client::signed_in(self, zg_web::SHOPPER_COOKIE, &signed_in.token).of(id)
    }
}

/// The token of the link in a mail.
pub(crate) fn token_of(text: &str) -> String {
    let (_, after) = text.split_once("token=").expect("a link");
    after.chars().take_while(|c| !c.is_whitespace()).collect()
}

/// An address in Suzhou.
pub(crate) fn address() -> Value {
    json!({
        "name": "李明轩", "phone": "199 0000 1006", "country": "CN", "province": "江苏省", "city": "苏州市",
        "district": "姑苏区", "street": "十全街293号", "postal_code": "215000"
    })
}
