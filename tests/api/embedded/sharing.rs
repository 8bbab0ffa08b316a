//! Several users of one server: in one process, in several, coming and going at once.

use super::process::{self, Gate, Programs, User};
use super::{Client, DataDir, ask, is_locked, wait_until};
use rustix::process::{Pid, Signal};
use std::time::Duration;
use tomos::embedded::{Environment, Options, Server};

#[test]
fn two_users_share_one_server_until_the_last_has_left() {
    let data_dir = DataDir::with_cluster("two_users");
    let first = data_dir.start();
    let second = data_dir.start();
    assert!(first.freshly_started());
    assert!(!second.freshly_started());
    assert_eq!(first.url("tomos"), second.url("tomos"));
    drop(first);
    let clone = second.clone();
    drop(second);
    assert_eq!(ask(&clone, "SELECT 1"), "1");
    drop(clone);
    data_dir.stops_cleanly();
}

#[test]
fn the_process_that_started_the_server_may_leave_first() {
    let data_dir = DataDir::with_cluster("leave_first");
    let mut starter = User::new(&data_dir.0);
    assert!(starter.has_started());
    let server = data_dir.start();
    assert!(!server.freshly_started());
    starter.leave();
    assert_eq!(ask(&server, "SELECT 1"), "1");
    drop(server);
    data_dir.stops_cleanly();
}

#[test]
fn twenty_processes_at_once_start_one_server() {
    let data_dir = DataDir::new("twenty");
    let mut users: Vec<User> = (0..20).map(|_| User::new(&data_dir.0)).collect();
    let started = users.iter_mut().filter_map(|user| user.has_started().then_some(())).count();
    assert_eq!(started, 1);
    users.into_iter().for_each(User::kill);
    data_dir.stops_cleanly();
}

#[test]
fn a_killed_user_counts_as_gone() {
    for (name, signal) in [("killed", Signal::KILL), ("terminated", Signal::TERM)] {
        let data_dir = DataDir::with_cluster(name);
        let mut user = User::new(&data_dir.0);
        user.has_started();
        process::signal(user.child.id(), signal);
        user.child.wait().unwrap();
        data_dir.stops_cleanly();
    }
}

#[test]
fn a_killed_user_leaves_its_output_to_nobody() {
    let data_dir = DataDir::with_cluster("output");
    let mut user = User::new(&data_dir.0);
    user.has_started();
    let server = data_dir.start();
    user.child.kill().unwrap();
    user.child.wait().unwrap();
    // Would never return while the server, or its watchdog, holds the pipe.
    user.rest_of_output();
    drop(server);
}

#[test]
fn ctrl_c_in_the_terminal_does_not_reach_the_server() {
    let data_dir = DataDir::with_cluster("ctrl_c");
    let mut user = User::new(&data_dir.0);
    user.has_started();
    let server = data_dir.start();
    let client = Client::new(&server.url("tomos"));
    let group = Pid::from_raw(i32::try_from(user.child.id()).unwrap()).unwrap();
    rustix::process::kill_process_group(group, Signal::INT).unwrap();
    // Where this runs in the background, its children ignore the signal.
    user.kill();
    assert_eq!(client.ask("SELECT 1"), "1");
}

#[test]
fn the_server_outlives_its_last_user_by_the_linger() {
    let data_dir = DataDir::with_cluster("linger");
    let options = Options { linger: Duration::from_hours(1), ..data_dir.options() };
    drop(Server::start(&options).unwrap());
    let postmaster = data_dir.postmaster();
    drop(Server::start(&options).unwrap());
    assert_eq!(data_dir.postmaster(), postmaster);
    process::signal(postmaster, Signal::INT);
    data_dir.stops_cleanly();
    // Nothing waits for the rest of the hour.
    #[cfg(target_os = "linux")]
    wait_until("the watchdog ends", || {
        process::find(&["tomos-watchdog", &data_dir.0.to_string_lossy()]).is_empty()
    });
}

#[test]
fn a_server_that_is_going_down_is_waited_for_and_started_anew() {
    let data_dir = DataDir::with_cluster("going_down");
    let server = data_dir.start();
    let client = Client::new(&server.url("tomos"));
    let postmaster = data_dir.postmaster();
    // A slow stop: it waits for its clients.
    process::signal(postmaster, Signal::TERM);
    wait_until("the stop is under way", || {
        std::fs::read_to_string(data_dir.pid_file()).unwrap().contains("stopping")
    });
    let options = data_dir.options();
    let next = std::thread::spawn(move || Server::start(&options).unwrap());
    assert_eq!(client.ask("SELECT 1"), "1");
    drop(client);
    let next = next.join().unwrap();
    assert!(next.freshly_started());
    assert_ne!(data_dir.postmaster(), postmaster);
    assert_eq!(ask(&next, "SELECT 1"), "1");
    drop(next);
    assert_eq!(ask(&server, "SELECT 1"), "1", "its user from before keeps it");
}

#[test]
fn users_that_come_and_go_all_the_time_always_have_a_server() {
    let data_dir = DataDir::with_cluster("come_and_go");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10 {
                    let server = data_dir.start();
                    assert_eq!(ask(&server, "SELECT 1"), "1");
                }
            });
        }
    });
    data_dir.stops_cleanly();
}

/// Options under which the watchdog of a server waits at a gate before, or after, it takes away the
/// name of the FIFO.
fn gated(data_dir: &DataDir, programs: &Programs, script: &str) -> Options {
    programs.add("mv", script);
    let path = programs.search_path();
    Options {
        environment: Environment::read(|name| (name == "PATH").then(|| path.clone())),
        ..data_dir.options()
    }
}

#[test]
fn a_user_who_comes_when_the_watchdog_has_decided_to_stop_keeps_the_server() {
    let data_dir = DataDir::with_cluster("decided");
    let programs = Programs::new("decided");
    let gate = Gate::new(&programs);
    let wait_first = format!("#!/bin/sh\n{}exec /bin/mv \"$@\"\n", Gate::WAIT);
    let options = gated(&data_dir, &programs, &wait_first);
    drop(Server::start(&options).unwrap());
    let waiting = gate.reached();
    let postmaster = data_dir.postmaster();
    let user = Server::start(&options).unwrap();
    assert!(!user.freshly_started());
    // Taken away, and given back.
    drop(waiting);
    drop(gate.reached());
    let next = Server::start(&options).unwrap();
    assert!(!next.freshly_started());
    assert_eq!(data_dir.postmaster(), postmaster);
    assert_eq!(ask(&user, "SELECT 1"), "1");
    drop((user, next));
    drop(gate.reached());
    data_dir.stops_cleanly();
}

#[test]
fn a_user_who_comes_when_the_watchdog_is_about_to_stop_waits_for_the_next_server() {
    let data_dir = DataDir::with_cluster("about");
    let programs = Programs::new("about");
    let gate = Gate::new(&programs);
    let wait_after = format!("#!/bin/sh\n/bin/mv \"$@\" || exit\n{}", Gate::WAIT);
    let options = gated(&data_dir, &programs, &wait_after);
    drop(Server::start(&options).unwrap());
    let about_to_stop = gate.reached();
    let postmaster = data_dir.postmaster();
    let next = std::thread::spawn(move || Server::start(&options).unwrap());
    wait_until("the next user waits", || is_locked(&data_dir));
    drop(about_to_stop);
    let next = next.join().unwrap();
    assert!(next.freshly_started());
    assert_ne!(data_dir.postmaster(), postmaster);
    assert_eq!(ask(&next, "SELECT 1"), "1");
    drop(next);
    drop(gate.reached());
    data_dir.stops_cleanly();
}

/// In a process namespace of its own a process has the number 1, as in a container.
#[cfg(target_os = "linux")]
const CONTAINER: [&str; 4] = ["unshare", "--pid", "--fork", "--kill-child"];

#[cfg(target_os = "linux")]
fn containers_are_possible() -> bool {
    let mut command = std::process::Command::new(CONTAINER[0]);
    command.args(&CONTAINER[1..]).arg("true");
    let possible = command.status().is_ok_and(|status| status.success());
    if !possible {
        eprintln!("skipped: no permission to make a process namespace");
    }
    possible
}

#[test]
#[cfg(target_os = "linux")]
fn the_first_process_of_a_container_waits_for_the_stop() {
    if containers_are_possible() {
        let data_dir = DataDir::with_cluster("container");
        let mut user = User::within(&CONTAINER, &data_dir.0);
        assert!(user.has_started());
        user.leave();
        // The kernel has killed the rest of the container by now.
        assert!(!data_dir.pid_file().exists(), "{}", data_dir.log());
        drop(data_dir.start());
        data_dir.stops_cleanly();
        assert!(!data_dir.log().contains("not properly shut down"), "{}", data_dir.log());
    }
}

#[test]
#[cfg(target_os = "linux")]
fn two_containers_share_the_server_of_a_shared_directory() {
    if containers_are_possible() {
        let data_dir = DataDir::with_cluster("containers");
        let mut user = User::within(&CONTAINER, &data_dir.0);
        assert!(user.has_started());
        let server = data_dir.start();
        assert!(!server.freshly_started());
        assert_eq!(ask(&server, "SELECT 1"), "1");
        drop(server);
        user.leave();
    }
}
