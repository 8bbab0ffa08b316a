//! Which directories can be used, and what is said of the others.

use super::{DataDir, ask, environment, is_root};
use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use tomos::embedded::{Environment, Options, Server, StartError, default_data_dir};

fn refusal(data_dir: &Path) -> StartError {
    let options = Options {
        data_dir: data_dir.to_owned(),
        durable: false,
        linger: std::time::Duration::ZERO,
        environment: environment(),
    };
    let error = Server::start(&options).expect_err("it must be refused");
    assert!(!error.to_string().contains('\n'), "one line: {error}");
    error
}

/// Every file below a directory.
fn contents(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_directory_of_somebody_else_is_refused_and_left_alone() {
    let data_dir = DataDir::new("foreign");
    std::fs::create_dir_all(&data_dir.0).unwrap();
    std::fs::write(data_dir.0.join("thesis.odt"), "years of work").unwrap();
    let error = refusal(&data_dir.0);
    assert!(matches!(error, StartError::Foreign { .. }), "{error}");
    assert!(error.to_string().contains("thesis.odt"), "{error}");
    assert!(error.to_string().contains("--data-dir"), "{error}");
    assert_eq!(contents(&data_dir.0), ["thesis.odt"]);
}

#[test]
fn a_cluster_of_somebody_else_is_refused_and_left_alone() {
    let data_dir = DataDir::new("foreign_cluster");
    std::fs::create_dir_all(&data_dir.0).unwrap();
    std::fs::write(data_dir.0.join("PG_VERSION"), "15\n").unwrap();
    assert!(matches!(refusal(&data_dir.0), StartError::Foreign { .. }));
    assert_eq!(contents(&data_dir.0), ["PG_VERSION"]);
}

#[test]
fn a_token_and_an_empty_cluster_directory_are_not_in_the_way() {
    let data_dir = DataDir::new("token");
    std::fs::create_dir_all(data_dir.0.join("lost+found")).unwrap();
    std::fs::write(data_dir.0.join("token"), "secret").unwrap();
    assert!(data_dir.start().freshly_started());
}

#[test]
fn a_cluster_of_another_major_version_is_refused_and_left_alone() {
    let data_dir = DataDir::new("major");
    std::fs::create_dir_all(data_dir.0.join("postgres")).unwrap();
    std::fs::write(data_dir.0.join("postgres/PG_VERSION"), "9\n").unwrap();
    let error = refusal(&data_dir.0);
    assert!(matches!(error, StartError::OtherMajor { cluster: 9, .. }), "{error}");
    assert!(error.to_string().contains("pg_dumpall"), "{error}");
    assert_eq!(contents(&data_dir.0.join("postgres")), ["PG_VERSION"]);
}

#[test]
fn a_server_that_does_not_start_says_why_and_where_its_log_is() {
    let data_dir = DataDir::with_cluster("not_started");
    drop(data_dir.start());
    data_dir.stops_cleanly();
    let settings = data_dir.0.join("postgres/postgresql.conf");
    let text = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(&settings, format!("{text}\nnonsense = 1\n")).unwrap();
    let error = refusal(&data_dir.0);
    assert!(matches!(error, StartError::DidNotStart { .. }), "{error}");
    assert!(error.to_string().contains("postgres.log"), "{error}");
    assert!(error.to_string().contains("postgresql.conf"), "{error}");
}

#[test]
fn a_long_path_is_no_obstacle_to_the_socket() {
    let data_dir = DataDir::with_cluster(&format!("long_{}", "x".repeat(120)));
    let server = data_dir.start();
    assert_eq!(ask(&server, "SELECT 1"), "1");
    let socket_dir = ask(&server, "SHOW unix_socket_directories");
    assert!(socket_dir.len() < 90, "{socket_dir}");
    let mode = std::fs::metadata(&socket_dir).unwrap().mode();
    assert_eq!(mode & 0o777, 0o700, "{socket_dir}");
    drop(server);
    data_dir.stops_cleanly();
    std::fs::remove_dir_all(&socket_dir).unwrap();
}

#[test]
fn strange_characters_in_the_path_are_no_obstacle() {
    for (number, name) in ["with space", "ü,'\"%$(x)\\"].iter().enumerate() {
        let data_dir = DataDir::with_cluster(&format!("strange_{number} {name}"));
        let server = data_dir.start();
        assert_eq!(ask(&server, "SELECT 1"), "1", "{name}");
        let socket_dir = ask(&server, "SHOW unix_socket_directories");
        drop(server);
        data_dir.stops_cleanly();
        if socket_dir.starts_with("/tmp/tomos-") {
            std::fs::remove_dir_all(&socket_dir).unwrap();
        }
    }
}

#[test]
fn a_symbolic_link_leads_to_the_same_server() {
    let data_dir = DataDir::with_cluster("link_target");
    let server = data_dir.start();
    let link = DataDir::new("link");
    std::os::unix::fs::symlink(&data_dir.0, &link.0).unwrap();
    let same = link.start();
    assert!(!same.freshly_started());
    assert_eq!(same.data_dir(), server.data_dir());
    std::fs::remove_file(&link.0).unwrap();
}

#[test]
fn the_socket_is_for_the_account_alone() {
    let data_dir = DataDir::with_cluster("private");
    let server = data_dir.start();
    for path in ["run", "postgres"] {
        let found = std::fs::metadata(data_dir.0.join(path)).unwrap();
        assert_eq!(found.mode() & 0o777, 0o700, "{path}");
    }
    assert_eq!(ask(&server, "SHOW listen_addresses"), "");
}

#[test]
fn root_hands_the_server_to_another_account() {
    if !is_root() {
        return eprintln!("skipped: only root can do this");
    }
    let data_dir = DataDir::with_cluster("root");
    let _server = data_dir.start();
    let found = std::fs::metadata(data_dir.pid_file()).unwrap();
    assert_ne!(found.uid(), 0);
    // Whoever owns the directory owns the cluster too.
    let own = DataDir::new("owner");
    std::fs::create_dir_all(&own.0).unwrap();
    let daemon = (1, 1);
    std::os::unix::fs::chown(&own.0, Some(daemon.0), Some(daemon.1)).unwrap();
    let _server = own.start();
    let found = std::fs::metadata(own.pid_file()).unwrap();
    assert_eq!((found.uid(), found.gid()), daemon);
}

#[test]
fn an_account_without_a_name_is_refused_with_the_way_out() {
    if !is_root() {
        return eprintln!("skipped: only root can be another account");
    }
    let data_dir = DataDir::new("nameless");
    std::fs::create_dir_all(&data_dir.0).unwrap();
    std::os::unix::fs::chown(&data_dir.0, Some(54321), Some(54321)).unwrap();
    let error = refusal(&data_dir.0);
    assert!(matches!(error, StartError::NotPermitted { .. }), "{error}");
    assert!(error.to_string().contains("54321"), "{error}");
    assert!(error.to_string().contains("/etc/passwd"), "{error}");
}

#[test]
fn a_directory_that_the_account_may_not_enter_is_refused_or_passed_over() {
    if !is_root() {
        return eprintln!("skipped: only root has another account for the server");
    }
    let closed = DataDir::new("closed");
    std::fs::create_dir_all(&closed.0).unwrap();
    std::fs::set_permissions(&closed.0, Permissions::from_mode(0o700)).unwrap();
    let error = refusal(&closed.0.join("data"));
    assert!(matches!(error, StartError::NotPermitted { .. }), "{error}");
    assert!(error.to_string().contains("--data-dir"), "{error}");
    let home = closed.0.clone().into_os_string();
    let environment = Environment::read(|name| (name == "HOME").then(|| home.clone()));
    let chosen = default_data_dir(&environment);
    assert!(!chosen.starts_with(&closed.0), "{}", chosen.display());
}
