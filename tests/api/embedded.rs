//! The embedded PostgreSQL: starting, sharing, stopping, and surviving what kills it.

use std::path::Path;
use std::time::Duration;
use tomos::embedded::{Environment, Options, Server};

fn options(data_dir: &Path) -> Options {
    Options {
        data_dir: data_dir.to_owned(),
        durable: false,
        linger: Duration::ZERO,
        environment: Environment::read(|name| std::env::var_os(name)),
    }
}

#[test]
fn two_users_share_one_server() {
    let data_dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("two_users");
    let first = Server::start(&options(&data_dir)).unwrap();
    let second = Server::start(&options(&data_dir)).unwrap();
    assert!(first.freshly_started());
    assert!(!second.freshly_started());
    assert_eq!(first.url("tomos"), second.url("tomos"));
}
