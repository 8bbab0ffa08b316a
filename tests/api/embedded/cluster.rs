//! How the cluster is made and with which settings it runs.

use super::process::User;
use super::{Client, DataDir};
use tomos::embedded::{Options, Server};

#[test]
fn the_durable_server_is_safe_and_fit_for_a_small_machine() {
    let data_dir = DataDir::new("durable");
    let options = Options { durable: true, ..data_dir.options() };
    let server = Server::start(&options).unwrap();
    let client = Client::new(&server.url("tomos"));
    for (setting, value) in [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("data_checksums", "on"),
        ("server_encoding", "UTF8"),
        ("TimeZone", "UTC"),
        ("lc_messages", "C"),
        ("random_page_cost", "1.1"),
        ("jit", "off"),
        ("max_connections", "100"),
        ("listen_addresses", ""),
    ] {
        assert_eq!(client.ask(&format!("SHOW {setting}")), value, "{setting}");
    }
}

#[test]
fn the_server_of_the_tests_is_fast_and_takes_many_connections() {
    let data_dir = DataDir::with_cluster("fast");
    let server = data_dir.start();
    let client = Client::new(&server.url("tomos"));
    for (setting, value) in [
        ("fsync", "off"),
        ("synchronous_commit", "off"),
        ("full_page_writes", "off"),
        ("max_connections", "300"),
    ] {
        assert_eq!(client.ask(&format!("SHOW {setting}")), value, "{setting}");
    }
}

#[test]
fn text_is_ordered_by_code_point_and_letters_of_every_language_have_a_lower_case() {
    let data_dir = DataDir::with_cluster("text");
    let server = data_dir.start();
    let client = Client::new(&server.url("tomos"));
    assert_eq!(client.ask("SELECT 'Z' < 'a'"), "t");
    assert_eq!(client.ask("SELECT lower('ÄΣЖ')"), "äσж");
}

#[test]
#[cfg(target_os = "linux")]
fn the_server_sees_nothing_of_the_environment() {
    let data_dir = DataDir::with_cluster("environment");
    let mut user = User::new(&data_dir.0);
    assert!(user.has_started());
    let path = format!("/proc/{}/environ", data_dir.postmaster());
    let environment = String::from_utf8(std::fs::read(path).unwrap()).unwrap();
    assert!(environment.contains("LC_ALL=C"), "{environment}");
    assert!(!environment.contains("TOMOS"), "{environment}");
    user.leave();
}
