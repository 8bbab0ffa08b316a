//! What is left behind by processes that were killed at the worst moment.

use super::process::{self, Gate, Programs, User};
use super::{Client, DataDir, ask, is_locked, wait_until};
use rustix::process::Signal;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;
use tomos::embedded::{Environment, Options, Server};

/// Kills the user, the watchdog and the server, so that none can do anything any more.
#[cfg(target_os = "linux")]
fn kill_everything(data_dir: &DataDir, mut user: User) {
    let postmaster = data_dir.postmaster();
    let mut victims = process::find(&["tomos-watchdog", &data_dir.0.to_string_lossy()]);
    assert_eq!(victims.len(), 2, "the watchdog is two shells");
    victims.extend([user.child.id(), postmaster]);
    for pid in victims {
        process::signal(pid, Signal::KILL);
    }
    user.child.wait().unwrap();
    wait_until("the server is dead", || is_dead(postmaster));
}

/// Whether a process has ended, though it may not have been waited for.
#[cfg(target_os = "linux")]
fn is_dead(pid: u32) -> bool {
    std::fs::read_link(format!("/proc/{pid}/cwd")).is_err()
}

#[test]
#[cfg(target_os = "linux")]
fn after_everything_was_killed_the_next_start_recovers() {
    let data_dir = DataDir::with_cluster("everything");
    let mut user = User::durable(&data_dir.0);
    user.has_started();
    let writer = data_dir.start();
    ask(&writer, "CREATE TABLE kept AS SELECT 42 AS answer");
    // This process must not be a user any more, but nobody may stop the server in order either.
    drop(writer);
    kill_everything(&data_dir, user);
    let file = std::fs::read_to_string(data_dir.pid_file()).unwrap();
    assert!(file.contains("ready"), "the file of the dead server still says so: {file}");
    let server = data_dir.start();
    assert!(server.freshly_started());
    assert_eq!(ask(&server, "SELECT answer FROM kept"), "42");
}

#[test]
#[cfg(target_os = "linux")]
fn a_stale_file_that_names_another_living_process_does_not_stop_the_start() {
    let data_dir = DataDir::with_cluster("other_process");
    let mut user = User::new(&data_dir.0);
    user.has_started();
    kill_everything(&data_dir, user);
    let owner = std::fs::metadata(data_dir.pid_file()).unwrap();
    let mut sleep = Command::new("sleep");
    sleep.arg("1000").current_dir("/");
    if super::is_root() {
        // PostgreSQL minds only processes of its own account.
        sleep.uid(owner.uid()).gid(owner.gid());
    }
    let mut other = sleep.spawn().unwrap();
    let file = std::fs::read_to_string(data_dir.pid_file()).unwrap();
    let (_, rest) = file.split_once('\n').unwrap();
    std::fs::write(data_dir.pid_file(), format!("{}\n{rest}", other.id())).unwrap();
    let server = data_dir.start();
    assert!(server.freshly_started());
    assert_eq!(ask(&server, "SELECT 1"), "1");
    assert!(other.try_wait().unwrap().is_none(), "the other process is left alone");
    other.kill().unwrap();
    other.wait().unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn a_server_that_lost_its_watchdog_gets_another() {
    let data_dir = DataDir::with_cluster("watchdog");
    let first = data_dir.start();
    let client = Client::new(&first.url("tomos"));
    let postmaster = data_dir.postmaster();
    let watchdogs = || process::find(&["tomos-watchdog", &data_dir.0.to_string_lossy()]);
    let lost = watchdogs();
    let users = || std::fs::metadata(data_dir.0.join("run/users")).unwrap().ino();
    let held = users();
    for pid in lost {
        process::signal(pid, Signal::KILL);
    }
    wait_until("the watchdog is dead", || watchdogs().is_empty());
    let second = data_dir.start();
    assert!(!second.freshly_started());
    assert_eq!(data_dir.postmaster(), postmaster);
    let noticed = client.ask("SELECT 1");
    assert_eq!(noticed, "1", "the first user has noticed nothing");
    assert_eq!(users(), held, "and counts for the new watchdog");
    drop(second);
    assert_eq!(client.ask("SELECT 1"), "1");
    drop(client);
    drop(first);
    data_dir.stops_cleanly();
}

#[test]
fn a_server_that_died_is_started_anew_for_all_its_users() {
    for (name, signal) in [("died", Signal::KILL), ("stopped_by_hand", Signal::INT)] {
        let data_dir = DataDir::with_cluster(name);
        let first = data_dir.start();
        process::signal(data_dir.postmaster(), signal);
        // A signal takes effect a little after it was sent.
        wait_until("the server goes", || {
            let file = std::fs::read_to_string(data_dir.pid_file()).unwrap_or_default();
            let socket = UnixStream::connect(data_dir.0.join("run/.s.PGSQL.5432"));
            !file.contains("ready") || socket.is_err()
        });
        let second = data_dir.start();
        assert!(second.freshly_started(), "{name}");
        drop(second);
        assert_eq!(ask(&first, "SELECT 1"), "1", "{name}: the first user keeps the new server");
        drop(first);
        data_dir.stops_cleanly();
    }
}

#[test]
fn a_cluster_whose_making_was_interrupted_is_made_again() {
    let data_dir = DataDir::new("interrupted");
    let user = User::new(&data_dir.0);
    wait_until("the cluster is being made", || data_dir.0.join("postgres.new/base").exists());
    user.kill();
    let server = data_dir.start();
    assert!(server.freshly_started());
    assert_eq!(ask(&server, "SELECT 1"), "1");
    assert!(!data_dir.0.join("postgres.new").exists());
}

#[test]
fn nobody_else_makes_the_cluster_while_an_orphan_still_does() {
    let data_dir = DataDir::new("orphan");
    let programs = Programs::new("orphan");
    let gate = Gate::new(&programs);
    // The newest version of all is chosen.
    programs.add("postgres", "#!/bin/sh\necho 'postgres (PostgreSQL) 99.0'\n");
    programs.add("initdb", &format!("#!/bin/sh\n{}exit 1\n", Gate::WAIT));
    let user = User::with_programs(&programs, &data_dir.0);
    let initdb = gate.reached();
    user.kill();
    assert!(is_locked(&data_dir));
    drop(initdb);
    let server = data_dir.start();
    assert!(server.freshly_started());
    assert_eq!(ask(&server, "SELECT 1"), "1");
}

#[test]
fn what_an_interrupted_making_left_behind_is_removed() {
    let data_dir = DataDir::new("left_behind");
    std::fs::create_dir_all(data_dir.0.join("postgres.new/base")).unwrap();
    std::fs::write(data_dir.0.join("postgres.new/PG_VERSION"), "15\n").unwrap();
    std::fs::write(data_dir.0.join("embedded.lock"), "").unwrap();
    let server = data_dir.start();
    assert!(server.freshly_started());
    assert!(!data_dir.0.join("postgres.new").exists());
}

#[test]
fn a_server_whose_files_were_deleted_ends_with_its_users_too() {
    let data_dir = DataDir::with_cluster("run_deleted");
    let server = data_dir.start();
    std::fs::remove_dir_all(data_dir.0.join("run")).unwrap();
    drop(server);
    data_dir.stops_cleanly();
}

#[test]
#[cfg(target_os = "linux")]
fn a_directory_that_was_deleted_and_made_again_has_a_server_of_its_own() {
    let data_dir = DataDir::with_cluster("deleted");
    let programs = Programs::new("deleted");
    let gate = Gate::new(&programs);
    programs.add("sleep", &format!("#!/bin/sh\n{}", Gate::WAIT));
    let path = programs.search_path();
    let options = Options {
        linger: Duration::from_secs(1),
        environment: Environment::read(|name| (name == "PATH").then(|| path.clone())),
        ..data_dir.options()
    };
    drop(Server::start(&options).unwrap());
    let lingering = gate.reached();
    let old = data_dir.postmaster();
    std::fs::remove_dir_all(&data_dir.0).unwrap();
    let server = data_dir.start();
    assert!(server.freshly_started());
    // The old watchdog stops the old server, and nothing else.
    drop(lingering);
    wait_until("the old server has ended", || is_dead(old));
    // Though it deletes, as its own, the socket that is now another's.
    let next = data_dir.start();
    drop(server);
    assert_eq!(ask(&next, "SELECT 1"), "1");
}

#[test]
fn a_server_whose_socket_was_deleted_is_started_anew() {
    let data_dir = DataDir::with_cluster("socket");
    let first = data_dir.start();
    std::fs::remove_file(data_dir.0.join("run/.s.PGSQL.5432")).unwrap();
    let second = data_dir.start();
    assert!(second.freshly_started());
    assert_eq!(ask(&first, "SELECT 1"), "1");
}
