//! Secrets: a token reaches the vendor and nobody else.

use crate::mirror::{Mirror, WORD};
use crate::support::{Project, Sandbox, survey};
use serde_json::json;
use std::fs;
use std::path::Path;

/// A user of the account at Cint.
const MANAGER: &str = "b551326b-ac9d-4d32-8823-4f025787dab9";

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
    for (token, secret_file) in [("\"${PURESPECTRUM_CANARY}\"", false), ("{file: token.txt}", true)] {
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
            let output = project
                .command(args)
                .env("PURESPECTRUM_CANARY", canary)
                .output()
                .unwrap();
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
    project.edit(
        "infield.yaml",
        "token: sandbox",
        "token: \"${PURESPECTRUM_TOKEN}\"",
    );
    let output = project
        .command(&["apply", "-vvv", "--yes", "--allow", "launch"])
        .env("PURESPECTRUM_TOKEN", "sandbox")
        .output()
        .unwrap();
    let run = project.finish(&["apply"], &output).code(0);
    run.never_says("access-token: sandbox")
        .never_says("\"access-token\": \"sandbox\"");
    let state = project.read(".infield/bench/state.json");
    assert!(!state.contains("token\""), "{state}");
}

/// Whatever a vendor repeats of what it was shown, in titles, errors and headers, by whichever way it gets out again.
#[test]
fn a_vendor_that_repeats_a_secret_does_not_make_it_known() {
    let canary = "canary/of-a+secret";
    let sandbox = Sandbox::start();
    let project = Project::empty().with_all(&sandbox);
    let title = |text: String, name: &str| text.replace(&format!("About {name}"), &format!("{WORD} {name}"));
    project.write("one.yaml", &title(survey("one", ""), "one"));
    let group = |vendor: &str, block: &str| {
        format!(
            "kind: Survey\nname: {vendor}\ntitle: {WORD} {vendor}\nlocale: en-US\nlive_url: https://survey.example.com/x\n\
             status: draft\nincidence_rate: 50\nlength_of_interview: 5\nfield_days: 7\n{vendor}: {block}\n\
             groups: [{{name: g, completes: 100, cpi: 2.50 USD}}]\n"
        )
    };
    project.write("two.yaml", &group("innovatemr", "{category: 7}"));
    let run = |args: &[&str]| {
        let mut command = project.command(args);
        for name in ["PURESPECTRUM_TOKEN", "INNOVATEMR_TOKEN", "CINT_SECRET"] {
            command.env(name, canary);
        }
        project.finish(args, &command.output().unwrap())
    };
    project.run(&["apply", "--yes", "--allow", "launch"]);
    let mirror = Mirror::before(sandbox.port, canary);
    let text = project.read("infield.yaml");
    let text = text.replace(
        &format!("127.0.0.1:{}", sandbox.port),
        &format!("127.0.0.1:{}", mirror.port),
    );
    let text = text.replace(
        "buyers/v2\", token: sandbox",
        "buyers/v2\", token: \"${PURESPECTRUM_TOKEN}\"",
    );
    let text = text.replace(
        "api/v2\", token: sandbox",
        "api/v2\", token: \"${INNOVATEMR_TOKEN}\"",
    );
    let text = text.replace("client_secret: sandbox", "client_secret: \"${CINT_SECRET}\"");
    project.write("infield.yaml", &text);
    // One survey that each vendor shows in its lists.
    sandbox.cint(
        "POST",
        "/projects",
        json!({"name": format!("{WORD} project"), "project_manager_id": MANAGER}),
    );
    sandbox.fault(json!({"method": "PUT", "status": 400, "body": {"apiStatus": "error", "msg": WORD, "message": WORD}, "times": 0}));
    let mut shown = String::new();
    for args in [
        &[
            "plan",
            "-vvv",
            "--record",
            "picture.json",
            "--out",
            "saved.json",
            "--write",
            "html=plan.html",
        ][..],
        &["plan", "--format", "json"],
        &["plan", "--format", "markdown"],
        &["plan", "--format", "github"],
        &["plan", "--refresh-only", "--accept", "--yes"],
        &["status"],
        &["status", "--format", "json"],
        &["import", "--preview", "--all"],
        &["import", "--all", "-vv"],
        &["apply", "-vv", "--yes", "--allow", "launch", "--format", "json"],
        &["apply", "--yes", "--allow", "launch"],
        &["state", "pull"],
        &["doctor"],
    ] {
        shown.push_str(&run(args).never_says("panicked").text());
    }
    assert!(shown.contains("[secret]"), "{shown}");
    let issued = mirror.issued();
    assert!(!issued.is_empty(), "a token was issued and used");
    let mut files = Vec::new();
    everything(&project.folder(), &mut files);
    let files = String::from_utf8_lossy(&files);
    for secret in issued.iter().map(String::as_str).chain([canary]) {
        assert!(!shown.contains(secret), "said: {secret}\n{shown}");
        assert!(!files.contains(secret), "kept: {secret}");
    }
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

/// A state at an object store on this machine, as its emulators are.
#[test]
fn an_object_store_on_this_machine_is_never_asked_through_a_proxy() {
    use std::io::{Read, Write};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    let listen = |status: &'static str| {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::SeqCst);
                let _ = stream.read(&mut [0; 4096]);
                let head = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                let _ = stream.write_all(head.as_bytes());
            }
        });
        (address, asked)
    };
    let (store, asked) = listen("404 Not Found");
    let (proxy, wrongly) = listen("403 Forbidden");
    let project = Project::empty();
    project.write(
        "infield.yaml",
        "kind: Project\nname: test\nenvironments:\n  production: {state: \"s3://bucket/state\"}\n",
    );
    let args = ["state", "list", "--env", "production"];
    let mut command = project.command(&args);
    command.envs([
        ("AWS_ENDPOINT", store.as_str()),
        ("AWS_ALLOW_HTTP", "true"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "key"),
        ("AWS_SECRET_ACCESS_KEY", "canary-of-a-store"),
    ]);
    for name in [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "all_proxy",
    ] {
        command.env(name, &proxy);
    }
    let run = project.finish(&args, &command.output().unwrap());
    run.never_says("canary");
    assert!(asked.load(Ordering::SeqCst) > 0, "the store was asked");
    assert_eq!(wrongly.load(Ordering::SeqCst), 0, "the proxy was asked");
}
