//! P17: the command line as its users meet it.

use crate::support::platform::Binary;

#[tokio::test]
async fn p17_what_is_not_understood_ends_with_2_and_says_what_is() {
    let binary = Binary::new();
    for (arguments, said) in [
        (&["serv"][..], "similar subcommand exists: 'serve'"),
        (&["admin", "create", "--name", "X"], "--email"),
        (&["admin", "create", "--email", "a@b.example", "--name", "X"], "--password-file"),
        (&["admin", "api-key", "--scopes", "stock.raed"], "did you mean `stock.read`?"),
        (&["admin", "api-key", "--scopes", "staff.write"], "staff.write"),
        (&["admin", "api-key", "--scopes", "stock.read", "--expires", "soon"], "2027-01-31"),
        (&["admin", "api-key", "--scopes", "stock.read", "--expires", "2001-01-01"], "has passed"),
        (&["import", "pears", "x.csv"], "there is no import of `pears`"),
    ] {
        let ran = binary.run(arguments);
        assert_eq!(ran.status, 2, "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(said) && ran.out.is_empty(), "{arguments:?}: {ran:?}");
    }
}

#[tokio::test]
async fn p17_a_setting_that_is_wrong_is_named() {
    for (name, value, said) in [
        ("DATABASE__URL", "mysql://x", "`mysql` is no database"),
        ("SHOP__TIME_ZONE", "Mars/Olympus", "shop.time_zone"),
        ("LOG__LEVEL", "a=b=c", "log.level"),
        ("HTTP__CORS_ORIGINS", "[\"https://x.example/\"]", "http.cors_origins"),
        ("SHOP__BASE_URL", "shop", "shop.base_url"),
        ("DATABASE__ULR", "x", "did you mean `url`?"),
    ] {
        let ran = Binary::new().with(name, value).run(&["config", "check"]);
        assert_eq!(ran.status, 1, "{name}: {ran:?}");
        assert!(ran.err.contains(said), "{name}: {ran:?}");
    }
    assert_eq!(Binary::new().run(&["config", "check"]).ok().out, "the configuration holds\n");
    let printed = Binary::new().with("DATABASE__URL", "postgres://shop:hush@db/shop").run(&["config", "print"]).ok();
    assert!(printed.out.contains("postgres://shop:•••@db/shop") && !printed.out.contains("hush"), "{}", printed.out);
}

#[tokio::test]
async fn p17_the_database_is_brought_up_and_checked() {
    let binary = Binary::new();
    let before = binary.run(&["migrate", "--check"]);
    assert_eq!(before.status, 1);
    assert!(before.err.contains("to be done: m2026"), "{before:?}");
    assert!(binary.run(&["migrate"]).ok().out.ends_with("migrations done\n"));
    binary.run(&["migrate", "--check"]).ok();
    assert_eq!(binary.run(&["migrate"]).ok().out, "0 migrations done\n");
}

#[tokio::test]
async fn p17_an_administrator_made_beside_a_running_server_signs_in() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let binary = Binary::new();
    let server = binary.serve();
    let create = ["admin", "create", "--email", "boss@example.com", "--name", "掌柜", "--password-file", "-"];
    assert_eq!(binary.run_with(&create, "ten letters\n").ok().out, "administrator boss@example.com made\n");
    let again = binary.run_with(&create, "ten letters\n");
    assert_eq!((again.status, again.err.contains("in use")), (1, true), "{again:?}");
    let short = binary.run_with(&["admin", "create", "--email", "b@example.com", "--name", "B", "--password-file", "-"], "short");
    assert_eq!(short.status, 1, "{short:?}");
    let body = serde_json::json!({ "email": "boss@example.com", "password": "ten letters" });
    let reply = crate::support::http_client().post(server.url("/api/v1/admin/session")).json(&body).send().await.unwrap();
    assert!(reply.status().is_success(), "{reply:?}");
}

#[tokio::test]
async fn b3_verify_says_a_line_a_proof_and_fails_if_one_does() {
    let binary = Binary::new();
    binary.run_with(&["admin", "create", "--email", "boss@example.com", "--name", "X", "--password-file", "-"], "ten letters").ok();
    let whole = binary.run(&["verify"]).ok();
    assert!(whole.out.lines().count() >= 2 && whole.out.lines().all(|line| line.starts_with("holds  ")), "{}", whole.out);

    // Somebody with the database in hand rewrites history.
    let url = format!("sqlite:{}", binary.path("data/zhanggui.db").display());
    let databases = zg_db::connect(&url, zg_db::Options::default()).await.unwrap();
    let sql = ["DROP TRIGGER audit_entry_no_update", "UPDATE audit_entry SET actor_name = 'nobody' WHERE seq = 1"];
    for statement in sql {
        sea_orm::ConnectionTrait::execute_unprepared(&databases.write, statement).await.unwrap();
    }
    databases.close().await.unwrap();
    let torn = binary.run(&["verify"]);
    assert_eq!(torn.status, 1);
    assert!(torn.out.contains("FAILS  security log") && torn.out.contains("line 1 is not as it was written"), "{torn:?}");
    let json: serde_json::Value = serde_json::from_str(&binary.run(&["verify", "--json"]).out).unwrap();
    let log = json.as_array().unwrap().iter().find(|proof| proof["name"] == "security log").unwrap();
    assert_eq!(log["faults"][0], "line 1 is not as it was written");
}
