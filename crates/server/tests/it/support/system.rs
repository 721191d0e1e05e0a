//! People who sign in by a password, and what the system's tests look at.

use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, Set};
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};
use zg_base::Actor;
use zg_db::entity::{role, role_right};
use zg_domain::Locale;

use super::{Client, Reply, TestApp};

/// The password of everybody whom the tests make.
pub(crate) const PASSWORD: &str = "correct horse battery";

impl TestApp {
    /// A role of these rights; of everything, if there are none.
    pub(crate) async fn role(&self, name: &str, rights: &[&str]) -> i64 {
        let tx = self.app.begin(&Actor::system("test")).await.expect("a transaction");
        let row = role::ActiveModel {
            name: Set(name.to_owned()),
            description: Set(String::new()),
            is_super: Set(rights.is_empty()),
            version: Set(1),
            ..Default::default()
        };
        let id = row.insert(tx.db()).await.expect("a role").id;
        for right in rights {
            let row = role_right::ActiveModel { role_id: Set(id), right: Set((*right).to_owned()) };
            role_right::Entity::insert(row).exec_without_returning(tx.db()).await.expect("a right");
        }
        tx.commit().await.expect("a commit");
        id
    }

    /// A member of staff who can sign in with [`PASSWORD`]; says their id.
    pub(crate) async fn colleague(&self, email: &str, roles: &[i64]) -> i64 {
        let hash = zg_system::password::hashed(PASSWORD.to_owned()).await.expect("a hash");
        let tx = self.app.begin(&Actor::system("test")).await.expect("a transaction");
        let row = zg_system::staff::create(&tx, email, email, Locale::En, hash, roles).await.expect("a member of staff");
        tx.commit().await.expect("a commit");
        row.id
    }

    /// Signs in and gives the caller with that session.
    pub(crate) async fn sign_in(&self, email: &str) -> Client {
        let reply = self.try_sign_in(email, PASSWORD, None).await.expect(200);
        self.with_cookie_of(&reply)
    }

    /// Tries to sign in.
    pub(crate) async fn try_sign_in(&self, email: &str, password: &str, code: Option<&str>) -> Reply {
        let mut body = json!({ "email": email, "password": password });
        if let Some(code) = code {
            body["code"] = Value::from(code);
        }
        self.guest().post("/admin/session", body).await
    }

    /// The caller to whom an answer gave a staff session.
    pub(crate) fn with_cookie_of(&self, reply: &Reply) -> Client {
        let cookie = reply.header("set-cookie");
        let token = cookie.split(['=', ';']).nth(1).expect("a cookie with a value");
        Client::signed_in(self, zg_web::STAFF_COOKIE, token)
    }

    /// What an authenticator with this secret shows now.
    pub(crate) fn digits(&self, secret: &str) -> String {
        let secret = Secret::try_from_base32(secret).expect("Base32");
        let totp = Builder::new().with_secret(secret).with_account_name("test").build().expect("an authenticator");
        let now = u64::try_from(self.app.now().timestamp()).expect("after 1970");
        totp.generate(now).to_string()
    }

    /// A statement that the application would never send.
    pub(crate) async fn raw(&self, sql: &str) -> Result<u64, sea_orm::DbErr> {
        Ok(self.app.databases().write.execute_unprepared(sql).await?.rows_affected())
    }

    /// The actions in the security log, newest first.
    pub(crate) async fn log(&self, query: &str) -> Vec<String> {
        let reply = self.staff(&["audit.read"]).await.get(&format!("/admin/audit?{query}")).await.expect(200);
        let lines = reply["data"].as_array().expect("lines");
        lines.iter().map(|line| line["action"].as_str().expect("an action").to_owned()).collect()
    }
}
