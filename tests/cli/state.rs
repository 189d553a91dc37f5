//! The state file: what is damaged is refused and named, never guessed; and the commands that mend it by hand.

use crate::support::{APPLY, Project, Sandbox, survey};
use serde_json::{Value, json};

const STATE: &str = ".infield/bench/state.json";

fn applied(sandbox: &Sandbox) -> Project {
    let project = Project::empty().with(sandbox);
    project.write("one.yaml", &survey("one", ""));
    project.apply();
    // A second change, so that there is a good copy of an earlier state.
    project.edit("one.yaml", "2.50 USD", "2.60 USD");
    project.apply();
    project.edit("one.yaml", "2.60 USD", "2.70 USD");
    sandbox.forget();
    project
}

#[test]
fn a_state_that_cannot_be_trusted_stops_everything_and_names_the_good_copy() {
    let sandbox = Sandbox::start();
    let project = applied(&sandbox);
    let good = project.read(STATE);
    let cut = &good[..good.len() / 2];
    for bad in [cut, "", "{}", "[1, 2]", "\u{0}\u{1}"] {
        project.write(STATE, bad);
        for args in [&APPLY[..], &["plan"], &["state", "list"]] {
            project
                .run(args)
                .code(1)
                .says("is damaged")
                .says("state.previous.json");
        }
        assert_eq!(project.read(STATE), bad, "it is left as it is");
    }
    for (format, said) in [
        (
            "infield.state/2",
            "the newest part of it stands in the log beside it",
        ),
        ("infield.state/3", "use the newer infield that wrote it"),
    ] {
        project.write(STATE, &good.replace("infield.state/1", format));
        project.run(&APPLY).code(1).says(said);
    }
    project.remove(STATE);
    project
        .run(&APPLY)
        .code(1)
        .says("it is missing although there was one");
    assert!(sandbox.writes().is_empty());
    project.write(STATE, &good);
    project.apply();
    assert_eq!(sandbox.count(), [0, 1, 0, 0]);
}

#[test]
fn an_apply_with_nothing_to_do_rewrites_neither_the_state_nor_its_copy() {
    const COPY: &str = ".infield/bench/state.previous.json";
    let sandbox = Sandbox::start();
    let project = applied(&sandbox);
    project.apply();
    sandbox.forget();
    let place = project.folder().join(".infield/bench");
    let times = || {
        let files = ["state.json", "state.previous.json", "journal.jsonl"];
        files.map(|name| place.join(name).metadata().unwrap().modified().unwrap())
    };
    let before = (project.read(STATE), project.read(COPY), times());
    assert_ne!(before.0, before.1, "the copy is of an earlier state");
    project.apply();
    assert!(sandbox.writes().is_empty());
    assert_eq!((project.read(STATE), project.read(COPY), times()), before);
}

#[test]
fn the_state_of_another_environment_is_refused() {
    let sandbox = Sandbox::start();
    let project = applied(&sandbox);
    let state = project
        .read(STATE)
        .replace("\"environment\": \"bench\"", "\"environment\": \"production\"");
    project.write(STATE, &state);
    project.run(&APPLY).code(1).says("production");
    assert!(sandbox.writes().is_empty());
}

#[test]
fn the_commands_look_and_mend() {
    let sandbox = Sandbox::start();
    let project = applied(&sandbox);
    let list = project.ok(&["state", "list"]);
    assert_eq!(list.stdout, "one\tpurespectrum\t1000001\tsurvey, in field\n");
    let shown = project.ok(&["state", "show", "one"]).json();
    assert_eq!(shown["id"], "1000001");
    let yaml = project.ok(&["state", "show", "one", "--format", "yaml"]).stdout;
    assert!(yaml.contains("\nid: \"1000001\"\n"), "{yaml}");
    assert_eq!(serde_yaml::from_str::<Value>(&yaml).unwrap(), shown);
    project
        .run(&["state", "show", "two"])
        .code(64)
        .says("see `infield state list`");

    project.ok(&["state", "mv", "one", "uno"]);
    project.write("one.yaml", &survey("uno", "").replace("About uno", "About one"));
    let plan = project.plan();
    assert_eq!(plan["summary"]["create"], 0, "{plan}");

    let pulled = project.ok(&["state", "pull"]).stdout;
    project.write("saved.json", &pulled);
    project.ok(&["state", "push", "saved.json"]);
    let mut older: Value = serde_json::from_str(&pulled).unwrap();
    older["serial"] = json!(1);
    project.write("older.json", &older.to_string());
    project
        .run(&["state", "push", "older.json"])
        .code(1)
        .says("it would go backwards");
    let mut other: Value = serde_json::from_str(&pulled).unwrap();
    other["lineage"] = json!("another");
    project.write("other.json", &other.to_string());
    project
        .run(&["state", "push", "other.json"])
        .code(1)
        .says("another lineage");

    project
        .ok(&["state", "rm", "uno"])
        .says("at the vendor 1000001 stays as it is");
    assert_eq!(project.ok(&["state", "list"]).stdout, "");
    assert!(sandbox.writes().is_empty(), "nothing of this reaches the vendor");
}

#[test]
fn mending_works_with_broken_manifests() {
    let sandbox = Sandbox::start();
    let project = applied(&sandbox);
    project.write("broken.yaml", "kind: [\n");
    project.ok(&["state", "list"]).says("1000001");
    project.ok(&["state", "rm", "one"]);
}
