//! Webhooks: what they are told, once, and what becomes of a command when they do not listen.

use crate::support::{Project, Run, survey};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// A server that keeps what it is told.
struct Channel {
    address: String,
    told: Arc<Mutex<Vec<Value>>>,
}

/// The part of its address that is the secret.
const SECRET: &str = "services/T000/B000/canary-of-a-webhook";

impl Channel {
    fn answering(status: &'static str) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").unwrap(), status)
    }

    fn on(listener: TcpListener, status: &'static str) -> Self {
        let address = format!("http://{}/{SECRET}", listener.local_addr().unwrap());
        let told = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&told);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let (mut length, mut head) = (0, Vec::new());
                for line in reader.by_ref().lines().map_while(Result::ok) {
                    if line.is_empty() {
                        break;
                    }
                    let lower = line.to_ascii_lowercase();
                    if let Some(value) = lower.strip_prefix("content-length:") {
                        length = value.trim().parse().unwrap();
                    }
                    head.push(line);
                }
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                let body: Value = serde_json::from_slice(&body).unwrap();
                keep.lock().unwrap().push(json!({"head": head, "body": body}));
                let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        Self { address, told }
    }

    /// What was told since the last time.
    fn told(&self) -> Vec<Value> {
        let told = std::mem::take(&mut *self.told.lock().unwrap());
        told.into_iter().map(|one| one["body"].clone()).collect()
    }
}

fn project(hooks: &str) -> Project {
    let project = Project::empty();
    let file = format!("kind: Project\nname: acme\nenvironments:\n  sandbox:\n    notify:\n{hooks}");
    project.write("infield.yaml", &file);
    project
}

const OPS: &str = "    - {url: \"${INFIELD_NOTIFY_OPS}\"}\n";

/// Runs the program with these addresses of webhooks; none of them may be seen.
fn run(project: &Project, hooks: &[(&str, &str)], args: &[&str]) -> Run {
    let mut command = project.command(args);
    command.envs(hooks.iter().copied());
    command.env("GITHUB_ACTIONS", "true").env("GITHUB_ACTOR", "ada");
    let run = project.finish(args, &command.output().unwrap());
    run.never_says("canary")
}

const APPLY: [&str; 4] = ["apply", "--yes", "--allow", "launch"];

#[test]
fn an_apply_is_told_once_to_everybody_who_wants_it_in_their_shape() {
    let (json, slack) = (Channel::answering("200 OK"), Channel::answering("204 No Content"));
    let project = project(
        "    - {url: \"${INFIELD_NOTIFY_OPS}\", on: [applies]}\n    - {url: \"${INFIELD_NOTIFY_SLACK}\", format: slack}\n    \
         - {url: \"${INFIELD_NOTIFY_MORE}\", on: [verdicts]}\n",
    );
    let more = Channel::answering("200 OK");
    let hooks = [
        ("INFIELD_NOTIFY_OPS", json.address.as_str()),
        ("INFIELD_NOTIFY_SLACK", slack.address.as_str()),
        ("INFIELD_NOTIFY_MORE", more.address.as_str()),
    ];
    project.write("soda.yaml", &survey("soda", ""));
    run(&project, &hooks, &["plan"]).code(0);
    assert_eq!(json.told(), [Value::Null; 0], "a plan tells nothing");
    run(&project, &hooks, &APPLY).code(0);
    let told = json.told();
    let [message] = told.as_slice() else {
        panic!("{told:#?}")
    };
    assert_eq!(message["format"], "infield.notification/1");
    assert_eq!(message["topic"], "applies");
    assert_eq!(message["title"], "acme, sandbox: apply by ada: 2 steps done");
    assert_eq!(message["project"], "acme");
    let lines = message["lines"].as_array().unwrap();
    assert!(lines.iter().any(|line| line == "soda launch: done"), "{lines:#?}");
    let schema = project.ok(&["schema", "notification"]).json();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    assert!(validator.is_valid(message), "{message:#}");
    let told = slack.told();
    let text = told[0]["text"].as_str().unwrap();
    assert!(
        text.starts_with("*acme, sandbox: apply by ada: 2 steps done*\n"),
        "{text}"
    );
    assert_eq!(told.len(), 1);
    assert_eq!(more.told(), [Value::Null; 0]);
    run(&project, &hooks, &APPLY).code(0);
    assert_eq!(
        (json.told().len(), slack.told().len()),
        (0, 0),
        "nothing was done"
    );
}

#[test]
fn a_round_tells_what_it_did_and_what_waits_where_it_is_one_of_many() {
    let ops = Channel::answering("200 OK");
    let hooks = [("INFIELD_NOTIFY_OPS", ops.address.as_str())];
    let project = project(OPS);
    let stages = "stages:\n- {name: soft, completes: 10}\n- {name: full}\n";
    project.write("soda.yaml", &survey("soda", stages));
    // Of a round alone, whoever scheduled it hears by its code.
    run(&project, &hooks, &["run", "--once"]).code(2);
    assert_eq!(ops.told(), [Value::Null; 0]);
    run(&project, &hooks, &APPLY).code(0);
    assert_eq!(ops.told().len(), 1);
    project.ok(&["sandbox", "respondents", "soda", "--completes", "10"]);
    run(&project, &hooks, &["run", "--once"]).code(0);
    let told = ops.told();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["title"], "acme, sandbox: run by ada: 2 steps done");
    project.write("cola.yaml", &survey("cola", ""));
    run(&project, &hooks, &["run", "--for", "0s"]).code(2);
    let told = ops.told();
    let topics: Vec<&Value> = told.iter().map(|message| &message["topic"]).collect();
    assert_eq!(topics, ["guards"], "{told:#?}");
    let line = told[0]["lines"][0].as_str().unwrap();
    assert!(line.starts_with("cola: create waits for somebody"), "{line}");
}

#[test]
fn what_a_guard_holds_back_is_told() {
    let ops = Channel::answering("200 OK");
    let hooks = [("INFIELD_NOTIFY_OPS", ops.address.as_str())];
    let project = project(OPS);
    project.write("soda.yaml", &survey("soda", ""));
    run(&project, &hooks, &["apply", "--yes"]).code(3);
    let told = ops.told();
    let topics: Vec<&Value> = told.iter().map(|message| &message["topic"]).collect();
    assert_eq!(topics, ["applies", "guards"], "{told:#?}");
    assert_eq!(told[1]["title"], "acme, sandbox: 1 step is held back");
    let line = told[1]["lines"][0].as_str().unwrap();
    assert!(line.starts_with("soda:launch: "), "{line}");
}

#[test]
fn a_verdict_is_told_when_it_turns_and_only_then() {
    let ops = Channel::answering("200 OK");
    let hooks = [("INFIELD_NOTIFY_OPS", ops.address.as_str())];
    let project = project("    - {url: \"${INFIELD_NOTIFY_OPS}\", on: [verdicts]}\n");
    project.write("soda.yaml", &survey("soda", ""));
    run(&project, &hooks, &APPLY).code(0);
    let status = |args: &[&str]| {
        run(&project, &hooks, &[&["status"], args].concat()).code(0);
        ops.told()
    };
    assert_eq!(status(&["--notify"]).len(), 0, "nobody has to look");
    project.ok(&["sandbox", "clock", "2d"]);
    assert_eq!(
        status(&[]).len(),
        0,
        "only a status that was asked to tells anything"
    );
    let told = status(&["--notify"]);
    let [message] = told.as_slice() else {
        panic!("{told:#?}")
    };
    assert_eq!(message["title"], "acme, sandbox: 1 survey needs a look");
    assert_eq!(message["verdicts"][0]["address"], "soda");
    assert_eq!(message["verdicts"][0]["after"], "stalled");
    assert_eq!(status(&["--notify"]).len(), 0, "it is as it was told");
    assert_eq!(status(&["--notify", "--only", "slow"]).len(), 0);
}

#[test]
fn what_did_not_go_out_goes_with_the_next_and_nothing_fails_of_it() {
    let project = project(OPS);
    project.write("soda.yaml", &survey("soda", ""));
    // A port that nobody listens on.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let address = format!("http://127.0.0.1:{port}/{SECRET}");
    let hooks = [("INFIELD_NOTIFY_OPS", address.as_str())];
    run(&project, &hooks, &APPLY)
        .code(0)
        .says("the webhook of INFIELD_NOTIFY_OPS was not told")
        .says("the next message brings it");
    let ops = Channel::on(TcpListener::bind(("127.0.0.1", port)).unwrap(), "200 OK");
    run(&project, &hooks, &["status", "--notify"]).code(0);
    let told = ops.told();
    assert_eq!(told.len(), 1, "{told:#?}");
    assert_eq!(told[0]["title"], "acme, sandbox: apply by ada: 2 steps done");
    run(&project, &hooks, &["status", "--notify"]).code(0);
    assert_eq!(ops.told().len(), 0);
}

#[test]
fn what_may_have_arrived_is_not_sent_again() {
    let ops = Channel::answering("500 Internal Server Error");
    let hooks = [("INFIELD_NOTIFY_OPS", ops.address.as_str())];
    let project = project(OPS);
    project.write("soda.yaml", &survey("soda", ""));
    run(&project, &hooks, &APPLY)
        .code(0)
        .says("it answers 500; it may have arrived, and is not sent again");
    assert_eq!(ops.told().len(), 1);
    run(&project, &hooks, &["status", "--notify"]).code(0);
    assert_eq!(ops.told().len(), 0);
}

#[test]
fn addresses_come_from_the_process_and_lead_where_it_allows() {
    let project = project(OPS);
    project.write("soda.yaml", &survey("soda", ""));
    run(&project, &[], &APPLY)
        .code(0)
        .says("webhooks were not told: the variable INFIELD_NOTIFY_OPS is not set");
    let elsewhere = format!("https://evil.example/{SECRET}");
    project.edit("soda.yaml", "2.50 USD", "2.40 USD");
    run(&project, &[("INFIELD_NOTIFY_OPS", &elsewhere)], &APPLY)
        .code(0)
        .says("messages do not go to evil.example")
        .says("INFIELD_ALLOW_HOSTS=evil.example");
    let open = format!("http://hooks.slack.com/{SECRET}");
    project.edit("soda.yaml", "2.40 USD", "2.30 USD");
    run(&project, &[("INFIELD_NOTIFY_OPS", &open)], &APPLY)
        .code(0)
        .says("does not begin with https://");
    // What is written into the file, under a name of others, or twice.
    for (hooks, says) in [
        (
            format!("    - {{url: \"https://hooks.slack.com/{SECRET}\"}}\n"),
            "infield::project::literal-secret",
        ),
        (
            format!("{OPS}{OPS}"),
            "the webhook of INFIELD_NOTIFY_OPS is there twice",
        ),
    ] {
        let file = format!("kind: Project\nname: acme\nenvironments:\n  sandbox:\n    notify:\n{hooks}");
        project.write("infield.yaml", &file);
        run(&project, &[], &["validate"]).code(1).says(says);
    }
    let file = "kind: Project\nname: acme\nenvironments:\n  sandbox:\n    notify:\n    - {url: \"${PURESPECTRUM_TOKEN}\"}\n";
    project.write("infield.yaml", file);
    project.edit("soda.yaml", "2.30 USD", "2.20 USD");
    run(&project, &[("PURESPECTRUM_TOKEN", "canary-of-a-token")], &APPLY)
        .code(0)
        .says("the variable PURESPECTRUM_TOKEN is not read for a webhook");
}

#[test]
fn no_secret_is_told_to_anybody() {
    let project = project(OPS);
    let channel = Channel::answering("200 OK");
    // A survey that somebody has called what opens the channel.
    let name = "canary-of-a-webhook-that-is-long";
    let address = channel.address.replace(SECRET, name);
    project.write("soda.yaml", &survey(name, ""));
    let mut command = project.command(&APPLY);
    command.env("INFIELD_NOTIFY_OPS", address);
    project.finish(&APPLY, &command.output().unwrap()).code(0);
    let told = channel.told();
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(!told[0].to_string().contains("canary"), "{told:#?}");
    let written = std::fs::read_dir(project.folder().join(".infield/sandbox/history/told")).unwrap();
    for file in written {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        assert!(!text.contains("canary"), "{text}");
    }
}
