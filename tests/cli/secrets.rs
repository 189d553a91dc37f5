//! Secrets: a token reaches the vendor and nobody else.

use crate::support::{Project, Sandbox, survey};
use std::fs;
use std::path::Path;

/// What every file below a folder contains.
fn everything(folder: &Path, into: &mut Vec<u8>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            everything(&path, into);
        } else {
            into.extend(fs::read(path).unwrap());
        }
    }
}

#[test]
fn a_token_appears_in_no_output_and_no_file() {
    // The sandbox takes the token `sandbox` only: the calls are refused, and what is said about that is looked through.
    let canary = "canary-4711-token";
    let sandbox = Sandbox::start();
    for (token, secret_file) in [("\"${CANARY}\"", false), ("{file: token.txt}", true)] {
        let project = Project::empty().with(&sandbox);
        project.write("one.yaml", &survey("one", ""));
        project.edit("infield.yaml", "token: sandbox", &format!("token: {token}"));
        if secret_file {
            project.write("token.txt", &format!("{canary}\n"));
        }
        for args in [
            &["plan", "-vvv", "--format", "json"][..],
            &["plan", "-vvv", "--show-calls"],
            &["apply", "-vvv", "--yes", "--allow", "launch", "--format", "json"],
            &["apply", "-vv", "--yes", "--allow", "launch"],
            &["state", "pull", "-vv"],
            &["validate", "-vv", "--format", "json"],
        ] {
            let output = project.command(args).env("CANARY", canary).output().unwrap();
            project
                .finish(args, &output)
                .never_says(canary)
                .never_says("panicked");
        }
        if secret_file {
            project.remove("token.txt");
        }
        let mut files = Vec::new();
        everything(&project.folder(), &mut files);
        assert!(
            !String::from_utf8_lossy(&files).contains(canary),
            "a file has kept the token"
        );
    }
    let log = serde_json::to_string(&sandbox.log()).unwrap();
    assert!(!log.contains(canary));
}

#[test]
fn a_token_that_works_is_not_kept_either() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    project.write("one.yaml", &survey("one", ""));
    project.edit("infield.yaml", "token: sandbox", "token: \"${TOKEN}\"");
    let output = project
        .command(&["apply", "-vvv", "--yes", "--allow", "launch"])
        .env("TOKEN", "sandbox")
        .output()
        .unwrap();
    let run = project.finish(&["apply"], &output).code(0);
    run.never_says("access-token: sandbox")
        .never_says("\"access-token\": \"sandbox\"");
    let state = project.read(".infield/bench/state.json");
    assert!(!state.contains("token\""), "{state}");
}

#[test]
fn a_token_written_into_a_manifest_is_refused_and_masked() {
    let project = Project::empty();
    project.write(
        "infield.yaml",
        "kind: Project\nname: test\nenvironments:\n  production:\n    purespectrum: {token: canary-literal-token}\n",
    );
    project.write("one.yaml", &survey("one", ""));
    for format in ["text", "json", "sarif", "github"] {
        project
            .run(&["validate", "--format", format])
            .code(1)
            .never_says("canary");
    }
    project.run(&["plan", "-vv"]).code(1).never_says("canary");
}

/// What is on this machine is asked without the proxies that the environment names for everything else.
#[test]
fn the_sandbox_is_never_asked_through_a_proxy() {
    let proxy = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", proxy.local_addr().unwrap());
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = std::sync::Arc::clone(&asked);
    std::thread::spawn(move || {
        for _ in proxy.incoming() {
            counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }
    });
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    project.write("one.yaml", &survey("one", ""));
    let mut command = project.command(&crate::support::APPLY);
    for name in [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "all_proxy",
    ] {
        command.env(name, &address);
    }
    let output = command.output().unwrap();
    project.finish(&crate::support::APPLY, &output).code(0);
    assert_eq!(sandbox.count().iter().sum::<usize>(), 1, "it was made");
    assert_eq!(
        asked.load(std::sync::atomic::Ordering::SeqCst),
        0,
        "the proxy was asked"
    );
}
